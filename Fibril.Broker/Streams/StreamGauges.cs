using Fibril.Broker.Log;
using Fibril.Broker.Streams.Cursors;

namespace Fibril.Broker.Streams;

/// <summary>How a partition stands, as of the end of its last turn. Written by its loop, read by anybody: looking costs it nothing (O-12).</summary>
internal sealed class StreamGauges
{
    private long _subscriptions;
    private long _endOffset;
    private long _startOffset;
    private long _messageBytes;
    private long _eventBytes;
    private IReadOnlyList<StreamCursor> _cursors = [];

    public long Subscriptions
    {
        get => Volatile.Read(ref _subscriptions);
        set => Volatile.Write(ref _subscriptions, value);
    }

    /// <summary>Offset of the oldest record that is kept.</summary>
    public long StartOffset
    {
        get => Volatile.Read(ref _startOffset);
        set => Volatile.Write(ref _startOffset, value);
    }

    /// <summary>Offset behind the newest record that readers may see.</summary>
    public long EndOffset
    {
        get => Volatile.Read(ref _endOffset);
        set => Volatile.Write(ref _endOffset, value);
    }

    /// <summary>Bytes of the log of records.</summary>
    public long MessageBytes
    {
        get => Volatile.Read(ref _messageBytes);
        set => Volatile.Write(ref _messageBytes, value);
    }

    /// <summary>Bytes of the log of cursors.</summary>
    public long EventBytes
    {
        get => Volatile.Read(ref _eventBytes);
        set => Volatile.Write(ref _eventBytes, value);
    }

    /// <summary>What the partition takes on the disk.</summary>
    public StoredSize Stored => new(MessageBytes, EventBytes);

    /// <summary>How far each durable cursor is behind the end, in records.</summary>
    public IEnumerable<(string Name, long Lag)> CursorLags =>
        Volatile.Read(ref _cursors).Select(cursor => (cursor.Name, Math.Max(0, EndOffset - Math.Max(cursor.ShownPosition, StartOffset))));

    internal void Show(IReadOnlyList<StreamCursor> cursors) => Volatile.Write(ref _cursors, cursors);
}
