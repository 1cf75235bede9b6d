using Fibril.Broker.Streams;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Storage;

/// <summary>
/// Runs a script on a real stream partition and crashes the machine before every single operation on its disk, in five ways; what recovery makes
/// of each remains must keep what the tier promises (6.4, P-10, P-13, P-19, P-32, P-40 to P-43).
/// </summary>
public sealed class StreamCrashTests(ITestOutputHelper output)
{
    private const int ScriptOperations = 160;

    public static TheoryData<Durability> Tiers => [.. Enum.GetValues<Durability>()];

    [Theory, MemberData(nameof(Tiers))] // Z-3, F-31 to F-34
    public void A_crash_before_any_disk_operation_loses_nothing_that_the_tier_promises_to_keep(Durability tier)
    {
        for (int seed = 1; seed <= TestScale.Iterations(1); seed++)
        {
            using var script = new StreamCrashScript(tier, seed);
            script.Run(ScriptOperations);
            output.WriteLine($"{tier}, seed {seed}: {script.CrashPoints} crash points, {script.Images} recovered images, {script.Trims} of them with a trimmed start");
            Assert.True(script.CrashPoints > ScriptOperations / 2, "The script hardly touched the disk.");
            Assert.True(script.Trims > 0, "Retention never took anything.");
        }
    }
}

/// <summary>A script of publishes, acknowledgements, retention and time, with a crash tried before each disk operation it causes.</summary>
internal sealed class StreamCrashScript : IDisposable
{
    private readonly Durability _tier;
    private readonly int _seed;
    private readonly Random _random;
    private readonly FakeTimeProvider _time = new();
    private readonly SimulatedFileSystem _disk = new();
    private readonly StreamHarness _harness;
    private readonly StreamCrashJournal _journal = new();
    private readonly TestReader _reader;

    public StreamCrashScript(Durability tier, int seed)
    {
        (_tier, _seed, _random) = (tier, seed, new Random(seed));
        _disk.BeforeOperation = TryCrash;
        _harness = new StreamHarness(_disk, _time, Settings, order: new Random(seed));
        _harness.Publisher.OnConfirmed = (_, offset) => _journal.Confirmed.Add(offset);
        _reader = _harness.Read("billing");
        _reader.OnDelivery = delivery => _journal.Delivered.Add(delivery.Offset);
    }

    public int CrashPoints { get; private set; }

    public int Images { get; private set; }

    public int Trims { get; private set; }

    private StreamSettings Settings => new(_tier, new RetentionBounds(null, MaxBytes: 48 << 10, null), null);

    public void Run(int operations)
    {
        for (int i = 0; i < operations; i++) RunOne(i);
        _harness.Stop();
        _journal.SyncedThrough = _journal.Published.Count;
        _journal.DurableCursor = _journal.Acknowledged;
        Verify(_disk.AfterPowerLoss(), powerLost: true, "after the orderly stop");
        Assert.Equal(_journal.Published.Count, _journal.Confirmed.Count);
    }

    public void Dispose() => _harness.Dispose();

    private void RunOne(int index)
    {
        switch (_random.Next(10))
        {
            case < 6:
                PublishSome(index);
                break;
            case < 9:
                AcknowledgeSome();
                break;
            default:
                // Past every interval after which something is synced.
                _harness.Advance(TimeSpan.FromMilliseconds(_random.Next(20, 6000)));
                _harness.Advance(TimeSpan.FromMilliseconds(20));
                _journal.SyncedThrough = _journal.Published.Count;
                _journal.DurableCursor = _journal.Acknowledged;
                break;
        }
    }

    private void PublishSome(int index)
    {
        var messages = new TestMessage[_random.Next(1, 4)];
        for (int i = 0; i < messages.Length; i++)
        {
            int size = _random.Next(10) == 0 ? _random.Next(4000, 9000) : _random.Next(0, 900);
            string text = $"{index}.{i}:".PadRight(size, (char)('a' + (index % 26)));
            messages[i] = TestMessage.Of(text);
            _journal.Published.Add(text);
        }

        _harness.Publish(messages);
    }

    private void AcknowledgeSome()
    {
        if (_reader.Deliveries.Count == 0) return;
        long offset = _reader.Deliveries[_random.Next(_reader.Deliveries.Count)].Offset;
        _journal.Acknowledged = Math.Max(_journal.Acknowledged, offset + 1);
        _harness.Acknowledge(_reader, offset);
    }

    private void TryCrash(DiskOperation operation)
    {
        CrashPoints++;
        string where = $"{_tier}, seed {_seed}, before disk operation {CrashPoints}: {operation.Kind} {operation.Path}";
        Verify(_disk.AfterKill(), powerLost: false, $"{where}, process killed");
        Verify(_disk.AfterPowerLoss(), powerLost: true, $"{where}, power lost");
        var random = new Random((_seed * 1_000_003) + CrashPoints);
        SimulatedFileSystem torn = _disk.AfterKill();
        torn.ApplyPartOf(operation, random.Next(0, 1 + ((operation.Data?.Length ?? 0) / 512)) * 512);
        Verify(torn, powerLost: false, $"{where}, write torn");
        SimulatedFileSystem during = _disk.AfterKill();
        during.ApplyPartOf(operation, int.MaxValue);
        Verify(during.AfterPowerLoss(random, SimulatedFileSystem.SectorBytes), powerLost: true, $"{where}, power lost with some sectors written");
        SimulatedFileSystem damaged = _disk.AfterPowerLoss();
        if (SnapshotDamage.FlipBitOfNewest(damaged, StreamHarness.PartitionDirectory, random) is not null)
            Verify(damaged, powerLost: true, $"{where}, power lost and the newest snapshot damaged"); // F-39
    }

    private void Verify(SimulatedFileSystem image, bool powerLost, string where)
    {
        Images++;
        try
        {
            using var recovered = new StreamHarness(image, new FakeTimeProvider(_time.GetUtcNow()), Settings);
            if (StreamCrashVerifier.Verify(recovered, _journal, keepsConfirmed: !(powerLost && _tier == Durability.Ephemeral)) > 0) Trims++;
        }
        catch (Exception broken)
        {
            throw new Xunit.Sdk.XunitException($"{where}: {broken.Message}\n{broken.StackTrace}");
        }
    }
}

/// <summary>What was done up to the moment of a crash.</summary>
internal sealed class StreamCrashJournal
{
    /// <summary>Text of every record handed to the partition, whether or not it was answered, by its offset.</summary>
    public List<string> Published { get; } = [];

    public HashSet<long> Confirmed { get; } = [];

    public HashSet<long> Delivered { get; } = [];

    /// <summary>Records before this one were synced for certain.</summary>
    public long SyncedThrough { get; set; }

    /// <summary>The cursor that was asked for last; it may be lost.</summary>
    public long Acknowledged { get; set; }

    /// <summary>The cursor that was synced for certain.</summary>
    public long DurableCursor { get; set; }
}

/// <summary>Checks what a recovery has made of the remains of a crash, and that the stream goes on from there.</summary>
internal static class StreamCrashVerifier
{
    /// <returns>The first offset that is kept.</returns>
    public static long Verify(StreamHarness recovered, StreamCrashJournal journal, bool keepsConfirmed)
    {
        StreamPartitionStatus status = recovered.Describe();
        TestReader all = recovered.Read(StreamStart.Earliest);
        Assert.Equal(status.EndOffset - status.StartOffset, all.Deliveries.Count);
        Assert.True(status.EndOffset <= journal.Published.Count, "a record was invented");
        foreach ((StreamDelivery delivery, long expected) in all.Deliveries.Zip(Offsets(status.StartOffset)))
        {
            Assert.Equal(expected, delivery.Offset);
            Assert.True(delivery.Text == journal.Published[(int)delivery.Offset], $"offset {delivery.Offset} was altered");
        }

        // The end: what was confirmed is there, or at least what was synced.
        long kept = keepsConfirmed && journal.Confirmed.Count > 0 ? journal.Confirmed.Max() + 1 : 0;
        Assert.True(status.EndOffset >= Math.Max(kept, journal.SyncedThrough), $"the log ends at {status.EndOffset}, and {kept} were confirmed, {journal.SyncedThrough} synced");

        // The cursor: between what was synced and what was asked for, within what is kept.
        long cursor = status.Cursors.SingleOrDefault()?.Position ?? status.StartOffset;
        Assert.True(cursor >= Math.Min(journal.DurableCursor, status.EndOffset), $"the cursor went back to {cursor} from {journal.DurableCursor}");
        Assert.True(cursor <= Math.Max(journal.Acknowledged, status.StartOffset), $"the cursor stands at {cursor}, and {journal.Acknowledged} was acknowledged");
        TestReader billing = recovered.Read("billing");
        Assert.Equal(status.EndOffset - cursor, billing.Deliveries.Count);

        AssertGoesOn(recovered, status.EndOffset);
        return status.StartOffset;
    }

    /// <summary>A record confirmed after the recovery has the next offset and survives the next power loss, once it is synced.</summary>
    private static void AssertGoesOn(StreamHarness recovered, long end)
    {
        ulong id = Assert.Single(recovered.Publish("after the crash"));
        Assert.Equal(end, recovered.Publisher.Confirmed[id]);
        recovered.Advance(TimeSpan.FromMilliseconds(20));
        using var again = new StreamHarness(recovered.Disk.AfterPowerLoss(), recovered.Time, recovered.Partition.Settings);
        Assert.Equal("after the crash", again.Read(StreamStart.Back(1)).Texts.Single());
    }

    private static IEnumerable<long> Offsets(long from)
    {
        for (long offset = from; ; offset++) yield return offset;
    }
}
