using Fibril.Broker.Streams;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Streams;

/// <summary>A record of the reference: what was published, and when.</summary>
internal sealed record ReferenceRecord(string Text, string Kind, long ReceivedMs);

/// <summary>A stream as simple as can be: a list of records, null where one is lost, and a place for each reader and each name.</summary>
internal sealed class ReferenceStream
{
    private readonly List<ReferenceRecord?> _records = [];
    private readonly Dictionary<ulong, ReferenceRecord> _offered = [];
    private readonly Dictionary<string, long> _cursors = [];
    private readonly Dictionary<string, long> _durable = [];

    public List<ReferenceReader> Readers { get; } = [];

    /// <summary>Offset of the oldest record that is kept.</summary>
    public long Start { get; private set; }

    public long End => _records.Count;

    /// <summary>Offset behind the last record that was confirmed.</summary>
    public long ConfirmedEnd { get; private set; }

    public ReferenceRecord? this[long offset] => _records[(int)offset];

    public void Offer(ulong requestId, string text, HeaderBlockBuilder headers, long nowMs)
    {
        string kind = "";
        foreach (Header header in headers.Block) kind = System.Text.Encoding.UTF8.GetString(header.Value);
        _offered[requestId] = new ReferenceRecord(text, kind, nowMs);
        _records.Add(_offered[requestId]);
    }

    public void Confirmed(ulong requestId, long offset)
    {
        Assert.True(this[offset] == _offered[requestId], $"offset {offset} was confirmed for another record");
        ConfirmedEnd = Math.Max(ConfirmedEnd, offset + 1);
    }

    /// <summary>Every offered record was answered, or will never be.</summary>
    public void NoteConfirmed(Publisher publisher)
    {
        foreach (ulong id in publisher.Confirmed.Keys) _offered.Remove(id);
    }

    public void Forget() => _offered.Clear();

    public void Trim(long start)
    {
        Assert.True(start >= Start, $"the start went back from {Start} to {start}");
        Start = start;
        foreach (string name in _cursors.Keys.ToArray()) _cursors[name] = Math.Max(_cursors[name], start); // P-42
    }

    /// <summary>The log ends here after a failure or a restart.</summary>
    public void CutTo(long end, long atLeast)
    {
        // What a reader had keeps its offset, whether or not it is still there: it may acknowledge it.
        Assert.InRange(end, Math.Max(Math.Max(atLeast, Start), Readers.Max(static reader => (long?)reader.Next) ?? 0), End);
        _records.RemoveRange((int)end, (int)(End - end));
        ConfirmedEnd = Math.Min(ConfirmedEnd, end);
        _offered.Clear();
        foreach (string name in _cursors.Keys.ToArray()) _cursors[name] = Math.Min(_cursors[name], end); // P-32
        foreach (string name in _durable.Keys.ToArray()) _durable[name] = Math.Min(_durable[name], end);
    }

    /// <summary>Of the records from an offset on, only these are left.</summary>
    public void LoseAllBut(long from, IEnumerable<long> left)
    {
        Assert.True(from >= ConfirmedEnd);
        HashSet<long> kept = [.. left];
        for (long offset = from; offset < End; offset++)
            if (!kept.Contains(offset)) _records[(int)offset] = null;
    }

    /// <summary>What is left of the cursors: all of it, or a window less (P-19).</summary>
    public void LearnCursors(StreamPartitionStatus status)
    {
        foreach ((string name, long expected) in _cursors.ToArray())
        {
            if (status.Cursors.SingleOrDefault(cursor => cursor.Name == name) is not { } cursor)
            {
                Assert.False(_durable.ContainsKey(name), $"the cursor {name} is lost");
                _cursors.Remove(name);
                continue;
            }

            long least = Math.Clamp(_durable.GetValueOrDefault(name), Start, End);
            Assert.InRange(cursor.Position, least, Math.Max(least, expected));
            _cursors[name] = cursor.Position;
        }
    }

    /// <summary>Every cursor is durable now.</summary>
    public void NoteCursorsDurable()
    {
        _durable.Clear();
        foreach ((string name, long position) in _cursors) _durable[name] = position;
    }

    public ReferenceReader Subscribe(string? name, StreamStart start, FilterClause[] filter, bool autoAck, Durability tier)
    {
        long value = (long)Math.Min(start.Value, long.MaxValue);
        long next = name is not null ? Math.Max(_cursors.GetValueOrDefault(name, Start), Start) : start.Kind switch
        {
            StreamStartKind.Earliest => Start,
            StreamStartKind.Offset => Math.Clamp(value, Start, End),
            StreamStartKind.Back => Math.Max(Start, End - Math.Min(value, End)),
            StreamStartKind.Time => FirstAt(value),
            _ => End,
        };
        var reader = new ReferenceReader(this, name, filter, autoAck, tier == Durability.Speculative) { Next = next };
        Readers.Add(reader);
        return reader;
    }

    public void Commit(string name, long position)
    {
        if (position > _cursors.GetValueOrDefault(name)) _cursors[name] = Math.Max(position, Start); // P-13, P-42
    }

    public void AssertNothingIsOwed(StreamPartitionStatus status)
    {
        foreach (ReferenceReader reader in Readers) reader.AssertNothingIsOwed();
        foreach ((string name, long expected) in _cursors)
            Assert.Equal(expected, status.Cursors.SingleOrDefault(cursor => cursor.Name == name)?.Position ?? Start);
        Assert.Equal(Readers.Count, status.Subscriptions);
    }

    private long FirstAt(long unixMs)
    {
        long offset = Start;
        while (offset < End && !(this[offset]?.ReceivedMs >= unixMs)) offset++;
        return offset;
    }
}

/// <summary>A reader of the reference, which judges each delivery to the real one.</summary>
internal sealed class ReferenceReader(ReferenceStream stream, string? name, FilterClause[] filter, bool autoAck, bool isSpeculative)
{
    public string? Name => name;

    public bool AutoAck => autoAck;

    public TestReader Real { get; set; } = null!;

    /// <summary>The next offset that it may get.</summary>
    public long Next { get; set; }

    public void Delivered(StreamDelivery delivery)
    {
        Assert.InRange(delivery.Offset, Next, stream.End - 1);
        for (long offset = Next; offset < delivery.Offset; offset++)
        {
            // Retention may have taken it in this very turn, which is looked at when all is at rest.
            if (Wants(offset)) _left.Add(offset);
        }

        Assert.True(Wants(delivery.Offset), $"offset {delivery.Offset} does not pass the filter");
        ReferenceRecord record = stream[delivery.Offset]!;
        Assert.Equal((record.Text, record.ReceivedMs), (delivery.Text, delivery.ReceivedMs));
        Assert.Equal(isSpeculative, delivery.Headers.ContainsKey("fibril.speculative"));
        Next = delivery.Offset + 1;
        if (autoAck && name is not null) stream.Commit(name, Next);
    }

    public void Commit(long position)
    {
        if (name is not null) stream.Commit(name, position);
    }

    /// <summary>What was left out is not kept any more (P-50), and with room nothing is outstanding (P-51).</summary>
    public void AssertNothingIsOwed()
    {
        Assert.All(_left, offset => Assert.True(offset < stream.Start, $"offset {offset} was left out, and is kept"));
        _left.Clear();
        if (Real.Room == 0) return;
        for (long offset = Math.Max(Next, stream.Start); offset < stream.End; offset++)
            Assert.False(Wants(offset), $"offset {offset} is owed to {name ?? "a reader"} that stands at {Next}");
    }

    private readonly List<long> _left = [];

    private bool Wants(long offset) => stream[offset] is { } record && (filter.Length == 0 || filter[0].Pattern switch
    {
        "1" => record.Kind == "1",
        _ => record.Kind.EndsWith('2'),
    });
}
