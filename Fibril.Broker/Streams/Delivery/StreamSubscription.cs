using Fibril.Broker.Streams.Cursors;
using Fibril.Protocol;

namespace Fibril.Broker.Streams.Delivery;

/// <summary>What a reader of one partition asks for.</summary>
/// <param name="DurableName">Its cursor; null for a reader that the broker remembers nothing of (P-14).</param>
/// <param name="Start">Where to start without a cursor.</param>
/// <param name="Filter">Which records it wants; null for all.</param>
/// <param name="AutoAck">True moves the cursor over what was sent (P-16).</param>
/// <param name="Holder">Who it is, in a few words for operators.</param>
internal sealed record StreamSubscriptionRequest(string? DurableName, StreamStart Start, HeaderFilter? Filter, bool AutoAck, string Holder);

/// <summary>One reader of one partition: a place in the log that moves over it without a gap, whether it is served from memory or from the disk (P-50).</summary>
/// <remarks>Belongs to the partition loop, except for the members that say otherwise.</remarks>
internal sealed class StreamSubscription(IStreamSink sink, StreamSubscriptionRequest request)
{
    private long _offeredEnd;
    private long _ackedThrough = -1;
    private long _sentThrough = -1;
    private int _hasRoom;
    private int _signalled;

    public IStreamSink Sink => sink;

    public StreamSubscriptionRequest Request => request;

    /// <summary>Its durable cursor; null for none.</summary>
    public StreamCursor? Cursor { get; set; }

    /// <summary>Offset of the next record to look at.</summary>
    public long Next { get; set; }

    /// <summary>True while its place is being looked for.</summary>
    public bool IsPositioning { get; set; }

    /// <summary>Records received before this time are passed over until the first that is not; Unix milliseconds, 0 for none.</summary>
    public long PassesOverUntil { get; set; }

    /// <summary>True while it is served from memory.</summary>
    public bool IsLive { get; set; }

    /// <summary>True when it was served from memory once: coming back there is a recovery (P-54).</summary>
    public bool WasLive { get; set; }

    /// <summary>True when retention took records that it had not had yet (P-42).</summary>
    public bool IsLagged { get; set; }

    /// <summary>True when the output had no room; cleared when it has again.</summary>
    public bool OutputIsFull { get; set; }

    public bool Ended { get; set; }

    /// <summary>When the log was last read for it, as a number that grows with every read.</summary>
    public long LastRead { get; set; }

    public bool CanTake => !OutputIsFull && !Ended && !IsPositioning;

    /// <summary>Highest offset that its client has acknowledged; -1 for none. Thread-safe.</summary>
    public long AckedThrough => Interlocked.Read(ref _ackedThrough);

    /// <summary>Highest offset that was sent to an auto-ack client; -1 for none. Thread-safe.</summary>
    public long SentThrough
    {
        get => Interlocked.Read(ref _sentThrough);
        set => Interlocked.Exchange(ref _sentThrough, value);
    }

    /// <summary>Called before records are given to the output: from now on they may be acknowledged.</summary>
    public void NoteOffered(long end) => Interlocked.Exchange(ref _offeredEnd, end);

    /// <summary>Notes an acknowledgement; false for one of a record that was not delivered, and when a higher one was there already. Thread-safe.</summary>
    public bool NoteAcked(long offset)
    {
        if (offset >= Interlocked.Read(ref _offeredEnd)) return false;
        long present = Interlocked.Read(ref _ackedThrough);
        while (offset > present)
        {
            long found = Interlocked.CompareExchange(ref _ackedThrough, offset, present);
            if (found == present) return true;
            present = found;
        }

        return false;
    }

    /// <summary>Takes an acknowledgement back that was of no record which was delivered: it must not count when there is one. Thread-safe.</summary>
    public void ForgetAcked(long offset) => Interlocked.CompareExchange(ref _ackedThrough, -1, offset);

    /// <summary>Notes that the output has room again. Thread-safe.</summary>
    public void NoteRoom() => Volatile.Write(ref _hasRoom, 1);

    /// <summary>True once after <see cref="NoteRoom"/>.</summary>
    public bool TakeRoom() => Interlocked.Exchange(ref _hasRoom, 0) != 0;

    /// <summary>True for the first signal since the last <see cref="ClearSignal"/>. Thread-safe.</summary>
    public bool Signal() => Interlocked.Exchange(ref _signalled, 1) == 0;

    /// <summary>Called before the state that was signalled is looked at.</summary>
    public void ClearSignal() => Interlocked.Exchange(ref _signalled, 0);
}
