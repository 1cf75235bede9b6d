using System.Text;
using Fibril.Broker.Queues;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Storage;

/// <summary>
/// Runs a script on the real partition and crashes the machine before every single operation on its disk, in seven ways; what recovery
/// makes of each remains must keep every promise (S-7, S-25, S-27, S-41, S-42, F-31 to F-34, F-39, F-47).
/// </summary>
public sealed class CrashPointTests
{
    private const int ScriptOperations = 500;

    private readonly ITestOutputHelper _output;

    public CrashPointTests(ITestOutputHelper output) => _output = output;

    [Fact] // F-31 to F-34, F-47, Z-3
    public void A_crash_before_any_disk_operation_loses_no_confirmed_message_and_alters_or_invents_none()
    {
        for (int seed = 1; seed <= TestScale.Iterations(1); seed++)
        {
            using var script = new CrashScript(seed);
            script.Run(ScriptOperations);
            _output.WriteLine($"seed {seed}: {ScriptOperations} operations, {script.CrashPoints} crash points, {script.Images} recovered images");
            Assert.True(script.CrashPoints > ScriptOperations, "The script hardly touched the disk.");
            Assert.True(script.ImagesWithDamagedSnapshot > 0, "There never was an older snapshot.");
        }
    }
}

/// <summary>A script of publishes, settlements and time, with a crash tried before each disk operation it causes.</summary>
internal sealed class CrashScript : IDisposable
{
    private readonly int _seed;
    private readonly Random _random;
    private readonly FakeTimeProvider _time = new();
    private readonly SimulatedFileSystem _disk = new();
    private readonly PartitionHarness _harness;
    private readonly CrashJournal _journal = new();
    private readonly Consumer _consumer;
    private readonly HashSet<long> _settledSinceSync = [];

    public CrashScript(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        _disk.BeforeOperation = TryCrash;
        _harness = new PartitionHarness(_disk, _time, order: new Random(seed));
        _harness.Publisher.OnConfirmed = (_, offset) => _journal.Confirmed.Add(offset);
        _consumer = _harness.Subscribe(prefetch: 20);
    }

    public int CrashPoints { get; private set; }

    public int Images { get; private set; }

    public int ImagesWithDamagedSnapshot { get; private set; }

    public void Run(int operations)
    {
        for (int i = 0; i < operations; i++) RunOne(i);
        _harness.Stop();
        Verify(_disk.AfterPowerLoss(), "after the orderly stop");
        Assert.Equal(_journal.Published.Count, _journal.Confirmed.Count);
    }

    public void Dispose() => _harness.Dispose();

    private void RunOne(int index)
    {
        switch (_random.Next(10))
        {
            case < 5:
                PublishSome(index);
                break;
            case < 8:
                SettleSome();
                break;
            default:
                // Past the interval after which settlements are synced.
                _harness.Advance(TimeSpan.FromMilliseconds(_random.Next(1, 120)));
                NoteSyncedSettlements();
                break;
        }
    }

    private void PublishSome(int index)
    {
        var messages = new TestMessage[_random.Next(1, 4)];
        for (int i = 0; i < messages.Length; i++)
        {
            int size = _random.Next(20) == 0 ? _random.Next(4000, 9000) : _random.Next(0, 300);
            byte[] payload = Encoding.ASCII.GetBytes($"{index}.{i}:".PadRight(size, (char)('a' + (index % 26))));
            messages[i] = new TestMessage(payload, NotBefore: _random.Next(8) == 0 ? _harness.NowMs + _random.Next(1, 500) : 0);
            _journal.Published.Add(payload);
        }

        _harness.Publish(messages);
    }

    private void SettleSome()
    {
        foreach (TestDelivery delivery in _consumer.Deliveries.Take(_random.Next(1, 12)).ToArray())
        {
            _consumer.Deliveries.Remove(delivery);
            int choice = _random.Next(10);
            if (choice < 8)
            {
                _journal.Settled.Add(delivery.Offset);
                _harness.Settle(_consumer, delivery.Tag, choice == 0 ? SettleKind.Fail : SettleKind.Complete);
                _settledSinceSync.Add(delivery.Offset);
            }
            else
            {
                _harness.Settle(_consumer, delivery.Tag, SettleKind.Retry, choice == 8 ? _harness.NowMs + 100 : 0);
            }
        }
    }

    /// <summary>Everything has come to rest and the sync interval is over: what was settled before must survive.</summary>
    private void NoteSyncedSettlements()
    {
        _harness.Advance(TimeSpan.FromMilliseconds(60));
        _journal.DurablySettled.UnionWith(_settledSinceSync);
        _settledSinceSync.Clear();
    }

    private void TryCrash(DiskOperation operation)
    {
        CrashPoints++;
        string where = $"seed {_seed}, before disk operation {CrashPoints}: {operation.Kind} {operation.Path}";
        Verify(_disk.AfterKill(), $"{where}, process killed");
        Verify(_disk.AfterPowerLoss(), $"{where}, power lost");
        VerifyWithDamagedSnapshot(where);
        foreach (int pieceBytes in (ReadOnlySpan<int>)[512, 4096])
        {
            var random = new Random(HashCode.Combine(_seed, CrashPoints, pieceBytes));
            SimulatedFileSystem torn = _disk.AfterKill();
            torn.ApplyPartOf(operation, random.Next(0, 1 + ((operation.Data?.Length ?? 0) / pieceBytes)) * pieceBytes);
            Verify(torn, $"{where}, write torn at {pieceBytes} bytes");
            Verify(DuringWrite(operation).AfterPowerLoss(random, pieceBytes), $"{where}, power lost with some pieces of {pieceBytes} bytes written");
        }
    }

    /// <summary>Whatever the newest snapshot stood for, the one before it and the logs still lead there (F-39).</summary>
    private void VerifyWithDamagedSnapshot(string where)
    {
        var random = new Random(HashCode.Combine(_seed, CrashPoints));
        SimulatedFileSystem damaged = _disk.AfterPowerLoss();
        if (SnapshotDamage.FlipBitOfNewest(damaged, PartitionHarness.PartitionDirectory, random) is null) return;
        Verify(damaged, $"{where}, power lost and the newest snapshot damaged");
        ImagesWithDamagedSnapshot++;
    }

    /// <summary>The disk with the whole of a write in the system's cache, none of it synced.</summary>
    private SimulatedFileSystem DuringWrite(DiskOperation operation)
    {
        SimulatedFileSystem during = _disk.AfterKill();
        during.ApplyPartOf(operation, int.MaxValue);
        return during;
    }

    private void Verify(SimulatedFileSystem image, string where)
    {
        Images++;
        try
        {
            CrashVerifier.Verify(image, _journal, _time);
        }
        catch (Exception broken) when (broken is not Xunit.Sdk.IAssertionException)
        {
            throw new InvalidOperationException($"Recovery failed {where}: {broken.Message}", broken);
        }
        catch (Exception assertion)
        {
            throw new Xunit.Sdk.XunitException($"{where}: {assertion.Message}");
        }
    }
}

/// <summary>What was done up to the moment of a crash, by offset.</summary>
internal sealed class CrashJournal
{
    /// <summary>Payload of every message handed to the partition, whether or not it was answered.</summary>
    public List<byte[]> Published { get; } = [];

    public HashSet<long> Confirmed { get; } = [];

    /// <summary>Offsets whose settlement was asked for; it may be lost.</summary>
    public HashSet<long> Settled { get; } = [];

    /// <summary>Offsets whose settlement was synced; it must not be lost.</summary>
    public HashSet<long> DurablySettled { get; } = [];
}

/// <summary>Recovers the remains of a crash, and checks them, and goes on from there to the next crash.</summary>
internal static class CrashVerifier
{
    public static void Verify(SimulatedFileSystem image, CrashJournal journal, FakeTimeProvider crashTime)
    {
        var time = new FakeTimeProvider(crashTime.GetUtcNow());
        using var recovered = new PartitionHarness(image, time);
        recovered.Run();
        AssertSecondRecoveryChangesNothing(image, time);

        Consumer consumer = recovered.Subscribe(prefetch: int.MaxValue);
        Assert.Equal(consumer.Deliveries.Select(static delivery => delivery.Offset).Order(), consumer.Deliveries.Select(static delivery => delivery.Offset));

        // Some messages are delayed; within a second all of them are due, and no lease is over yet.
        recovered.Advance(TimeSpan.FromSeconds(1));
        Dictionary<long, byte[]> found = consumer.Deliveries.ToDictionary(static delivery => delivery.Offset, static delivery => delivery.Payload);
        foreach ((long offset, byte[] payload) in found)
        {
            Assert.True(offset < journal.Published.Count, $"offset {offset} was never published");
            Assert.True(payload.AsSpan().SequenceEqual(journal.Published[(int)offset]), $"offset {offset} was altered");
        }

        foreach (long offset in journal.Confirmed)
            Assert.True(found.ContainsKey(offset) || journal.Settled.Contains(offset), $"confirmed offset {offset} is lost");
        foreach (long offset in journal.DurablySettled)
            Assert.False(found.ContainsKey(offset), $"settled offset {offset} is delivered again");
        AssertSettlementsHold(recovered, consumer);
        AssertGoesOn(recovered);
    }

    private static void AssertSecondRecoveryChangesNothing(SimulatedFileSystem image, FakeTimeProvider time)
    {
        SimulatedFileSystem again = image.AfterKill();
        using (new PartitionHarness(again, time))
        {
            IReadOnlyDictionary<string, byte[]> first = image.Content();
            IReadOnlyDictionary<string, byte[]> second = again.Content();
            Assert.Equal(first.Keys, second.Keys);
            foreach ((string path, byte[] content) in first) Assert.True(content.AsSpan().SequenceEqual(second[path]), $"a second recovery changed {path}");
        }
    }

    /// <summary>What is settled after the recovery stays settled through the next power loss, also when nothing else was written.</summary>
    private static void AssertSettlementsHold(PartitionHarness recovered, Consumer consumer)
    {
        foreach (TestDelivery delivery in consumer.Deliveries) recovered.Settle(consumer, delivery.Tag, SettleKind.Complete);
        recovered.Advance(TimeSpan.FromMilliseconds(60));
        using var again = new PartitionHarness(recovered.Disk.AfterPowerLoss(), recovered.Time);
        Assert.Empty(again.Subscribe(prefetch: int.MaxValue).Deliveries);
    }

    /// <summary>A message confirmed after the recovery survives the next power loss.</summary>
    private static void AssertGoesOn(PartitionHarness recovered)
    {
        ulong id = Assert.Single(recovered.Publish(TestMessage.Of("after the crash")));
        Assert.True(recovered.Publisher.Confirmed.TryGetValue(id, out long offset), "a publish after the recovery is not confirmed");
        using var again = new PartitionHarness(recovered.Disk.AfterPowerLoss(), recovered.Time);
        Consumer consumer = again.Subscribe(prefetch: int.MaxValue);
        Assert.Contains(consumer.Deliveries, delivery => delivery.Offset == offset && delivery.Text == "after the crash");
    }
}
