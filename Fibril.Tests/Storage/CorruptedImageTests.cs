using System.Text;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Repair;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Recovery;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Storage;

/// <summary>
/// What a disk may do to files while nobody looks: flipped bits, zeroed, swapped and missing sectors, in every kind of file. All of it is
/// found, nothing wrong is ever delivered, and a repair brings back what can be read.
/// </summary>
public sealed class CorruptedImageTests
{
    private const int SeedsPerHistory = 25;
    private const int SectorBytes = 512;
    private const int MostRepairs = 100;

    [Fact] // S-4, S-29, S-40, S-44, S-47, S-53, F-35, F-36, F-37, F-38
    public void Every_damage_is_found_and_no_wrong_byte_is_delivered_before_or_after_a_repair()
    {
        int images = TestScale.Iterations(500);
        var found = new Dictionary<string, int>();
        for (int seed = 1; seed <= images; seed++)
        {
            var random = new Random(seed);
            var history = new History(seed / SeedsPerHistory);
            SimulatedFileSystem disk = history.Disk.AfterKill();
            string damaged = Corrupt(disk, random);
            try
            {
                string kind = Path.GetFileName(damaged).Split('-')[0] + Path.GetExtension(damaged);
                bool isIndex = Path.GetExtension(damaged) == ".idx";
                bool isFound = IsFound(history, disk.AfterKill());
                Assert.True(isFound || isIndex, "nobody noticed");
                found[kind] = found.GetValueOrDefault(kind) + 1;
                bool isSnapshot = Path.GetExtension(damaged) == ".snapshot"; // of two, one may go
                Assert.True(history.Repair(disk) > 0 || isIndex || isSnapshot, "there was nothing to repair");
                history.ConsumeAll(disk, mayBeDamaged: false);
            }
            catch (Exception failure)
            {
                throw new Xunit.Sdk.XunitException($"Seed {seed}, {damaged}: {failure.Message}\n{failure.StackTrace}");
            }
        }

        Assert.True(found.Count >= 4, $"only {string.Join(", ", found.Keys)} were damaged");
    }

    /// <summary>By reading all there is, by loading, or by delivering.</summary>
    private static bool IsFound(History history, SimulatedFileSystem disk)
    {
        bool byLooking = LogVerification.Run(disk.AfterKill(), PartitionHarness.PartitionDirectory, LogKind.Messages, LogKind.Events).Count > 0;
        bool byServing = history.ConsumeAll(disk, mayBeDamaged: true);
        return byLooking || byServing;
    }

    /// <returns>The file that is not what it was.</returns>
    private static string Corrupt(SimulatedFileSystem disk, Random random)
    {
        KeyValuePair<string, byte[]>[] files =
        [
            .. disk.Content().Where(static file => file.Value.Length > 0 && file.Key.Contains("queues", StringComparison.Ordinal))
                .OrderBy(static file => file.Key, StringComparer.Ordinal),
        ];
        while (true)
        {
            (string path, byte[] content) = files[random.Next(files.Length)];
            byte[] wrong = Change(content, random);
            if (wrong.AsSpan().SequenceEqual(content)) continue;
            disk.Overwrite(path, wrong);
            return path;
        }
    }

    private static byte[] Change(byte[] content, Random random)
    {
        byte[] wrong = [.. content];
        int sectors = (content.Length + SectorBytes - 1) / SectorBytes;
        switch (random.Next(4))
        {
            case 0:
                wrong[random.Next(wrong.Length)] ^= (byte)(1 << random.Next(8));
                return wrong;
            case 1:
                Sector(wrong, random.Next(sectors)).Clear();
                return wrong;
            case 2:
                return wrong[..random.Next(wrong.Length)];
            default:
                Swap(wrong, random.Next(sectors), random.Next(sectors));
                return wrong;
        }
    }

    private static Span<byte> Sector(byte[] bytes, int index) =>
        bytes.AsSpan(index * SectorBytes, Math.Min(SectorBytes, bytes.Length - (index * SectorBytes)));

    private static void Swap(byte[] bytes, int one, int other)
    {
        int length = Math.Min(Sector(bytes, one).Length, Sector(bytes, other).Length);
        byte[] kept = Sector(bytes, one)[..length].ToArray();
        Sector(bytes, other)[..length].CopyTo(Sector(bytes, one));
        kept.CopyTo(Sector(bytes, other));
    }

    /// <summary>One partition that has lived and was stopped, and what it was told.</summary>
    private sealed class History
    {
        private readonly JumpingTimeProvider _time = new();
        private readonly Dictionary<long, byte[]> _payloads = [];
        private readonly QueueSettings _settings = new(null, null, DeadLetterPolicy.Global);

        public History(int seed)
        {
            var random = new Random(seed);
            Disk = new SimulatedFileSystem();
            using var queue = new PartitionHarness(Disk, _time, settings: _settings);
            queue.Publisher.OnConfirmed = (id, offset) => _payloads[offset] = Payload((long)id);
            Consumer consumer = queue.Subscribe(prefetch: 40);
            for (int i = 0; i < 120; i++)
            {
                queue.Publish(new TestMessage(Payload((long)queue.NextRequestId), NotBefore: random.Next(8) == 0 ? queue.NowMs + 60_000 : 0));
                if (random.Next(4) == 0) continue;
                int pick = random.Next(consumer.Deliveries.Count + 1);
                if (pick == consumer.Deliveries.Count) continue;
                SettleKind how = random.Next(8) switch { 0 => SettleKind.Fail, 1 => SettleKind.Retry, _ => SettleKind.Complete };
                queue.Settle(consumer, consumer.Deliveries[pick].Tag, how);
            }

            queue.Stop();
        }

        public SimulatedFileSystem Disk { get; }

        /// <summary>Loads the partition and takes everything; true when damage showed.</summary>
        public bool ConsumeAll(SimulatedFileSystem disk, bool mayBeDamaged)
        {
            PartitionHarness queue;
            try
            {
                queue = new PartitionHarness(disk, _time, settings: _settings);
            }
            catch (LogDamagedException) when (mayBeDamaged)
            {
                return true;
            }

            using (queue)
            {
                Consumer consumer = queue.Subscribe(prefetch: 1000);
                queue.Advance(TimeSpan.FromMinutes(2));
                Assert.All(consumer.Deliveries, delivery => Assert.Equal(_payloads[delivery.Offset], delivery.Payload));
                Assert.True(mayBeDamaged || queue.Partition.ParkedBecause is null, queue.Partition.ParkedBecause);
                return queue.Partition.ParkedBecause is not null;
            }
        }

        /// <summary>Repairs until the partition loads and delivers everything that is left; returns the number of steps.</summary>
        public int Repair(SimulatedFileSystem disk)
        {
            LogEnvironment log = PartitionHarness.LogOn(disk);
            for (int steps = 0; steps < MostRepairs; steps++)
            {
                if (FindDamage(disk) is not { } damage) return steps;
                PartitionRepair.Fix(log, PartitionHarness.PartitionDirectory, damage);
            }

            throw new InvalidOperationException("the repair has no end");
        }

        private LogDamage? FindDamage(SimulatedFileSystem disk)
        {
            if (LogVerification.Run(disk, PartitionHarness.PartitionDirectory, LogKind.Messages, LogKind.Events) is [{ } first, ..]
                && !first.Path.EndsWith(".snapshot", StringComparison.Ordinal))
            {
                return first;
            }

            try
            {
                SimulatedFileSystem copy = disk.AfterKill();
                using var queue = new PartitionHarness(copy, _time, settings: _settings);
                queue.Subscribe(prefetch: 1000);
                return queue.Partition.Damage?.Damage;
            }
            catch (LogDamagedException damaged)
            {
                return damaged.Damage;
            }
        }

        private static byte[] Payload(long id) => Encoding.ASCII.GetBytes($"message {id} ".PadRight(20 + ((int)id * 37 % 900), '.'));
    }
}
