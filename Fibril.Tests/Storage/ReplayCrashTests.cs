using System.Globalization;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Replay;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Storage;

/// <summary>
/// Moves dead letters and crashes before every single operation on the disk: each of them is then among the dead letters, or back in its
/// queue, or both, and never neither (D-48, D-61, L-27).
/// </summary>
public sealed class ReplayCrashTests
{
    private const int Count = 24;

    private readonly ITestOutputHelper _output;

    public ReplayCrashTests(ITestOutputHelper output) => _output = output;

    [Theory]
    [InlineData(Trouble.None)]
    [InlineData(Trouble.DiskFails)]
    [InlineData(Trouble.QueueIsFull)]
    public void A_crash_at_any_step_of_a_move_loses_no_message(Trouble trouble)
    {
        for (int seed = 1; seed <= TestScale.Iterations(4); seed++)
        {
            using var move = new CrashingMove(seed, trouble);
            move.Run();
            _output.WriteLine($"seed {seed}: {move.CrashPoints} crash points");
            Assert.True(move.CrashPoints > 15, "The move hardly touched the disk.");
        }
    }

    /// <summary>What the queue that takes the messages back suffers from.</summary>
    public enum Trouble
    {
        None,

        /// <summary>Some of its writes and syncs fail.</summary>
        DiskFails,

        /// <summary>It has room for some of them only, not even for a whole batch at the end.</summary>
        QueueIsFull,
    }

    private sealed class CrashingMove : IDisposable
    {
        private readonly ReplayScenario _queues;
        private readonly Random _random;
        private readonly Trouble _trouble;
        private readonly int _seed;
        private string? _lost;

        public CrashingMove(int seed, Trouble trouble)
        {
            (_seed, _trouble, _random) = (seed, trouble, new Random(seed));
            int? room = trouble == Trouble.QueueIsFull ? _random.Next(1, Count) : null;
            _queues = new ReplayScenario(new QueueSettings(1, null, DeadLetterScenario.ToTarget) { MaxMessages = room }, order: new Random(seed));
            for (int i = 0; i < Count; i++)
            {
                byte[] payload = System.Text.Encoding.ASCII.GetBytes(TextOf(i).PadRight(_random.Next(10, 2500), '.'));
                _queues.PutDeadLetter(payload, ReplayScenario.Origin());
            }

            _queues.Advance(TimeSpan.FromMilliseconds(60));
        }

        public int CrashPoints { get; private set; }

        private SimulatedFileSystem Disk => _queues.Source.Disk;

        public void Run()
        {
            Disk.BeforeOperation = TryCrash;
            ReplayJob job = _queues.Operator.Start(ReplayScenario.Moving with { MostPerSecond = 40 });
            for (int i = 0; i < 40 && job.IsRunning; i++) _queues.Advance(TimeSpan.FromMilliseconds(100));
            _queues.Advance(TimeSpan.FromSeconds(3));
            Disk.BeforeOperation = null;
            Assert.True(_lost is null, _lost);
            Assert.Equal(ReplayState.Completed, job.Progress.State);
            Assert.Equal(Count, job.Progress.Replayed + job.Progress.Failed);
            Assert.True(_trouble != Trouble.None == job.Progress.Failed > 0, $"seed {_seed}: {job.Progress.Failed} failed");

            // At rest each is in one place, and a power loss changes nothing about that; one that failed may have been copied all the same.
            (List<string> left, List<string> moved) = Recover(Disk.AfterPowerLoss());
            Assert.Equal(Enumerable.Range(0, Count).Select(TextOf), left.Concat(moved).Distinct().Order());
            Assert.Equal(job.Progress.Failed, left.Count);
            Assert.InRange(moved.Count, job.Progress.Replayed, Count);
        }

        public void Dispose() => _queues.Dispose();

        private static string TextOf(int i) => i.ToString("D4", CultureInfo.InvariantCulture);

        private void TryCrash(DiskOperation operation)
        {
            CrashPoints++;
            string where = $"seed {_seed}, before disk operation {CrashPoints}: {operation.Kind} {operation.Path}";
            Verify(Disk.AfterKill(), $"{where}, process killed");
            Verify(Disk.AfterPowerLoss(), $"{where}, power lost");
            SimulatedFileSystem during = Disk.AfterKill();
            during.ApplyPartOf(operation, int.MaxValue);
            var sectors = new Random(HashCode.Combine(_seed, CrashPoints));
            Verify(during.AfterPowerLoss(sectors, 512), $"{where}, power lost with some sectors written");
            bool isLog = operation.Path.EndsWith(".log", StringComparison.Ordinal);
            if (_trouble == Trouble.DiskFails && isLog && operation.Path.Contains("orders", StringComparison.Ordinal) && operation.Kind is DiskOperationKind.Write or DiskOperationKind.Sync && _random.Next(8) == 0)
                throw DiskFaults.InputOutputError();
        }

        private void Verify(SimulatedFileSystem image, string where)
        {
            (List<string> left, List<string> moved) = Recover(image);
            if (Enumerable.Range(0, Count).Select(TextOf).SequenceEqual(left.Concat(moved).Distinct().Order())) return;

            // Not thrown from here: the engine would take it for a failure of the disk.
            _lost ??= $"{where}: left {string.Join(' ', left)}; moved {string.Join(' ', moved)}";
        }

        /// <summary>What a broker that starts on these remains delivers, from the dead letters and from their queue.</summary>
        private static (List<string> Left, List<string> Moved) Recover(SimulatedFileSystem image)
        {
            var time = new FakeTimeProvider();
            using var deadLetters = new PartitionHarness(image, time, id: DeadLetterScenario.TargetId);
            using var queue = new PartitionHarness(image, time, settings: QueueSettings.Default);
            return (Texts(deadLetters), Texts(queue));

            static List<string> Texts(PartitionHarness partition) =>
                [.. partition.Subscribe(prefetch: int.MaxValue).Texts.Select(static text => text.TrimEnd('.'))];
        }
    }
}
