using System.Globalization;
using Fibril.Broker.Streams;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Streams;

/// <summary>One random history of one stream partition.</summary>
internal sealed class StreamModelRun : IDisposable
{
    private static readonly string[] Names = ["billing", "search", "mail"];

    // Past every interval after which something is synced.
    private static readonly TimeSpan SyncTime = TimeSpan.FromMilliseconds(20);

    private readonly Durability _tier;
    private readonly int _seed;
    private readonly Random _random;
    private readonly FakeTimeProvider _time = new();
    private readonly ReferenceStream _reference = new();
    private readonly List<ReferenceReader> _ended = [];
    private readonly StreamOptions _options = new() { LiveBytes = 64 << 10 };
    private StreamSettings _settings;
    private StreamHarness _harness;
    private int _operation;
    private string _doing = "";

    public StreamModelRun(Durability tier, int seed)
    {
        (_tier, _seed, _random) = (tier, seed, new Random((seed * 3) + (int)tier));
        _settings = new StreamSettings(tier, RetentionBounds.None, null);
        _harness = Open(new SimulatedFileSystem());
    }

    public void Run(int operations)
    {
        try
        {
            for (_operation = 0; _operation < operations; _operation++)
            {
                _doing = "";
                RunOne();
                AssertAtRest();
            }
        }
        catch (Exception failure)
        {
            throw new Xunit.Sdk.XunitException($"{_tier}, seed {_seed}, operation {_operation} ({_doing}): {failure.Message}\n{failure.StackTrace}");
        }
    }

    public void Dispose() => _harness.Dispose();

    private void RunOne()
    {
        Action work = _random.Next(100) switch
        {
            < 40 => Publish,
            < 48 => Subscribe,
            < 51 => Unsubscribe,
            < 65 => Acknowledge,
            < 75 => ChangeRoom,
            < 87 => Advance,
            < 91 => ChangeRetention,
            < 94 => FailStorage,
            _ => Restart,
        };
        work();
    }

    private void Publish()
    {
        TestMessage[] messages = Messages();
        _doing = $"publish {messages.Length}";
        Post(messages);
        _harness.Run();
    }

    private TestMessage[] Messages()
    {
        var messages = new TestMessage[_random.Next(1, 5)];
        for (int i = 0; i < messages.Length; i++)
        {
            int size = _random.Next(8) == 0 ? _random.Next(3000, 20_000) : _random.Next(0, 600);
            string kind = _random.Next(3).ToString(CultureInfo.InvariantCulture);
            messages[i] = StreamHarness.WithHeaders($"{_operation}.{i}".PadRight(size, '.'), ("kind", kind));
        }

        return messages;
    }

    private void Post(TestMessage[] messages)
    {
        _harness.OnPost = ids =>
        {
            for (int i = 0; i < ids.Length; i++)
                _reference.Offer(ids[i], System.Text.Encoding.UTF8.GetString(messages[i].Payload), messages[i].Headers!, _harness.NowMs);
        };
        _harness.Post(messages);
    }

    private void Subscribe()
    {
        if (_reference.Readers.Count >= 6) return;
        string? name = _random.Next(2) == 0 ? Names[_random.Next(Names.Length)] : null;
        StreamStart start = _random.Next(5) switch
        {
            0 => StreamStart.Latest,
            1 => StreamStart.Earliest,
            2 => StreamStart.AtOffset((ulong)_random.NextInt64(_reference.End + 3)),
            3 => StreamStart.Back((ulong)_random.Next(20)),
            _ => StreamStart.AtTime((ulong)Math.Max(0, _harness.NowMs - _random.Next(3000))),
        };
        FilterClause[] filter = _random.Next(3) == 0 ? [new FilterClause("kind", _random.Next(2) == 0 ? "1" : "*2")] : [];
        bool autoAck = _random.Next(3) == 0;
        int room = _random.Next(3) == 0 ? _random.Next(0, 10) : int.MaxValue;
        _doing = $"subscribe {name ?? start.ToString()} {(filter.Length > 0 ? filter[0].Pattern : "")} room {room}";
        StreamPartitionStatus status = _harness.Describe();
        _reference.Trim(status.StartOffset);
        ReferenceReader expected = _reference.Subscribe(name, start, filter, autoAck, _tier);
        var reader = name is null ? _harness.Read(start, autoAck, room, filter) : _harness.Read(name, autoAck, room, filter);
        expected.Real = reader;
        foreach (StreamDelivery delivery in reader.Deliveries) expected.Delivered(delivery);
        reader.OnDelivery = expected.Delivered;
    }

    private void Unsubscribe()
    {
        if (_reference.Readers.Count == 0) return;
        ReferenceReader reader = _reference.Readers[_random.Next(_reference.Readers.Count)];
        _doing = "unsubscribe";
        _harness.Unsubscribe(reader.Real);
        _reference.Readers.Remove(reader);
        _ended.Add(reader);
    }

    private void Acknowledge()
    {
        // Who has ended may still acknowledge what it had, and so may who had what an outage took.
        ReferenceReader[] all = [.. _reference.Readers, .. _ended.TakeLast(3)];
        if (all.Length == 0) return;
        ReferenceReader reader = all[_random.Next(all.Length)];
        long[] had = [.. reader.Real.Offsets];
        if (had.Length == 0) return;
        long offset = had[_random.Next(had.Length)];
        _doing = $"acknowledge {offset} of {reader.Name}";
        _harness.Partition.Acknowledge(reader.Real.Subscription, offset);
        if (_random.Next(4) == 0)
        {
            long never = reader.Real.Subscription.Next + _random.Next(5);
            _doing += $" and {never}, which it never had";
            _harness.Partition.Acknowledge(reader.Real.Subscription, never); // STL-1: ignored
        }

        _harness.Run();
        if (!reader.AutoAck) reader.Commit(offset + 1);
    }

    private void ChangeRoom()
    {
        if (_reference.Readers.Count == 0) return;
        ReferenceReader reader = _reference.Readers[_random.Next(_reference.Readers.Count)];
        int room = _random.Next(3) == 0 ? int.MaxValue : _random.Next(0, 12);
        _doing = $"room {room}";
        reader.Real.MakeRoom(room);
        _harness.Run();
    }

    private void Advance()
    {
        int ms = _random.Next(5) == 0 ? _random.Next(5000, 7000) : _random.Next(1, 300);
        _doing = $"advance {ms} ms";
        Advance(TimeSpan.FromMilliseconds(ms));
    }

    private void Advance(TimeSpan time)
    {
        _harness.Advance(time);
        if (time >= SyncTime) _reference.NoteCursorsDurable();
    }

    private void ChangeRetention()
    {
        RetentionBounds bounds = _random.Next(4) switch
        {
            0 => RetentionBounds.None,
            1 => new RetentionBounds(_random.Next(500, 4000), null, null),
            2 => new RetentionBounds(null, _random.Next(20_000, 90_000), null),
            _ => new RetentionBounds(null, null, _random.Next(10, 120)),
        };
        _doing = $"retention {bounds}";
        _settings = _settings with { Retention = bounds };
        _harness.Settings.Refresh(() => _settings);
        _harness.Partition.SettingsChanged();
        _harness.Run();
    }

    /// <summary>One write or sync fails while records are published; the partition opens its files again.</summary>
    private void FailStorage()
    {
        _doing = "fail a write or a sync";
        DiskOperationKind kind = _random.Next(2) == 0 ? DiskOperationKind.Sync : DiskOperationKind.Write;
        int skipped = _random.Next(3);
        _harness.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind != kind || !operation.Path.EndsWith(".log", StringComparison.Ordinal) || skipped-- > 0) return;
            _harness.Disk.BeforeOperation = null;
            throw DiskFaults.InputOutputError();
        };
        Post(Messages());
        _harness.Run();
        _harness.Advance(SyncTime); // the sync may be that of the cursors, or of an ephemeral stream
        _harness.Disk.BeforeOperation = null;
        _harness.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(_harness.Partition.OutageText);
        long unsure = _reference.ConfirmedEnd;
        LearnWhatIsLeft();
        if (unsure < _reference.End) _reference.LoseAllBut(_reference.ConfirmedEnd, OffsetsFrom(_reference.ConfirmedEnd));
        _harness.Publisher.Failed.Clear();
    }

    private List<long> OffsetsFrom(long offset)
    {
        TestReader reader = _harness.Read(StreamStart.AtOffset((ulong)offset));
        _harness.Unsubscribe(reader);
        return [.. reader.Offsets];
    }

    private void Restart()
    {
        Ending ending = (Ending)_random.Next(3);
        _doing = ending.ToString();
        if (ending != Ending.Stop && _random.Next(2) == 0) Advance(SyncTime);
        if (ending != Ending.Stop && _random.Next(2) == 0)
        {
            _doing += " amid a publish";
            Post(Messages());
            for (int steps = _random.Next(6); steps > 0 && _harness.Step(); steps--)
            {
                // As far as the broker got.
            }
        }

        if (ending == Ending.Stop)
        {
            _harness.Stop();
            _reference.NoteCursorsDurable(); // P-19
        }

        _reference.NoteConfirmed(_harness.Publisher);
        SimulatedFileSystem disk = ending != Ending.PowerLoss ? _harness.Disk.AfterKill()
            : _random.Next(2) == 0 ? _harness.Disk.AfterPowerLoss()
            : _harness.Disk.AfterPowerLoss(_random, SimulatedFileSystem.SectorBytes);
        _harness.Dispose();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _reference.Readers.Clear();
        _ended.Clear();
        _harness = Open(disk);
        bool keepsConfirmed = ending != Ending.PowerLoss || _tier != Durability.Ephemeral;
        LearnWhatIsLeft(keepsConfirmed ? _reference.ConfirmedEnd : 0);
    }

    /// <summary>Publishes that nobody answered may have survived or not; everything else must have.</summary>
    private void LearnWhatIsLeft(long? atLeast = null)
    {
        _reference.NoteConfirmed(_harness.Publisher);
        StreamPartitionStatus status = _harness.Describe();
        _reference.CutTo(status.EndOffset, atLeast ?? _reference.ConfirmedEnd);
        _reference.Trim(status.StartOffset);
        _reference.LearnCursors(status);
    }

    private StreamHarness Open(SimulatedFileSystem disk)
    {
        var harness = new StreamHarness(disk, _time, _settings, _options, order: new Random(_random.Next()), borrowedFlushes: _random.Next(2));
        harness.Publisher.OnConfirmed = _reference.Confirmed;
        _reference.Forget();
        return harness;
    }

    private void AssertAtRest()
    {
        _harness.Run();
        Assert.True(_harness.Partition.ParkedBecause is null, _harness.Partition.ParkedBecause);
        _reference.NoteConfirmed(_harness.Publisher);
        StreamPartitionStatus status = _harness.Describe();
        Assert.Equal(_reference.End, status.EndOffset);
        Assert.Empty(_harness.Publisher.Failed);
        _reference.Trim(status.StartOffset);
        _reference.AssertNothingIsOwed(status);
    }
}
