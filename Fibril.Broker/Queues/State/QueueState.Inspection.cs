using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Inspection;

namespace Fibril.Broker.Queues.State;

// What is asked of the state, and changes nothing. Ready, settled and waiting messages are looked up by range, however many there are
// before the first one that is wanted; leased and delayed ones are an entry each, and all of them are looked at once.
internal sealed partial class QueueState
{
    /// <summary>The first messages from an offset on that have one of the wanted states, in the order of their offsets.</summary>
    /// <param name="from">First offset.</param>
    /// <param name="max">Most messages.</param>
    /// <param name="wanted">The states.</param>
    /// <param name="wallClockOf">Turns a deadline of the timer clock into Unix milliseconds.</param>
    public List<MessageState> Find(long from, int max, StatusFilter wanted, Func<long, long> wallClockOf)
    {
        var found = new LowestOffsets(max);
        if (wanted.Has(MessageStatus.Ready)) Take(found, _ready.RangesEndingAfter(from), from, AsReady);
        if (wanted.Has(MessageStatus.Settled)) Take(found, _settled.RangesEndingAfter(from), from, AsSettled);
        if (wanted.Has(MessageStatus.PendingDlq))
        {
            foreach ((DeadLetterReason reason, OffsetRangeSet waiting) in _pending.Waiting)
                Take(found, waiting.RangesEndingAfter(from), from, offset => AsPending(offset, reason, isBeingCopied: false));
            foreach ((long offset, DeadLetterReason reason) in _pending.Copying)
                if (offset >= from && found.Takes(offset)) found.Add(AsPending(offset, reason, isBeingCopied: true));
        }

        if (wanted.Has(MessageStatus.Inflight))
        {
            foreach (Lease lease in _leases.All)
                if (lease.Offset >= from && found.Takes(lease.Offset)) found.Add(AsInflight(lease, wallClockOf));
        }

        if (wanted.Has(MessageStatus.Delayed))
        {
            foreach ((long offset, long due) in _delayed.UnorderedItems)
                if (offset >= from && found.Takes(offset)) found.Add(AsDelayed(offset, due));
        }

        return found.ToSorted();
    }

    /// <summary>The states of some messages. Offsets that no message has yet are left out.</summary>
    public Dictionary<long, MessageState> StatesOf(IEnumerable<long> offsets, Func<long, long> wallClockOf)
    {
        var states = new Dictionary<long, MessageState>();
        HashSet<long> rest = [];
        foreach (long offset in offsets)
        {
            if (offset < 0 || offset >= MessageEnd) continue;
            if (_settled.Contains(offset)) states[offset] = AsSettled(offset);
            else if (_ready.Contains(offset)) states[offset] = AsReady(offset);
            else if (_pending.ReasonOf(offset) is { } reason) states[offset] = AsPending(offset, reason, _pending.IsCopying(offset));
            else rest.Add(offset);
        }

        if (rest.Count == 0) return states;
        foreach (Lease lease in _leases.All)
            if (rest.Contains(lease.Offset)) states[lease.Offset] = AsInflight(lease, wallClockOf);
        if (_delayed.Count == 0) return states;
        foreach ((long offset, long due) in _delayed.UnorderedItems)
            if (rest.Contains(offset)) states[offset] = AsDelayed(offset, due);
        return states;
    }

    /// <summary>How many messages are ready, and between which offsets.</summary>
    public OffsetSpan ReadySpan => _ready.IsEmpty ? default : new OffsetSpan(_ready.Count, _ready.First.Start, _ready.Last.End - 1);

    /// <summary>Runs of neighbouring ready messages.</summary>
    public int ReadyFragments => _ready.RangeCount;

    /// <summary>Messages with a time to live.</summary>
    public int ExpiringCount => _deadlines.Count;

    /// <summary>How many messages are leased, and between which offsets. Looks at all of them.</summary>
    public OffsetSpan LeasedSpan => _leases.Count == 0
        ? default
        : new OffsetSpan(_leases.Count, _leases.All.Min(static lease => lease.Offset), _leases.All.Max(static lease => lease.Offset));

    private static void Take(LowestOffsets found, IEnumerable<OffsetRange> ascending, long from, Func<long, MessageState> stateOf)
    {
        foreach (OffsetRange range in ascending)
        {
            for (long offset = Math.Max(range.Start, from); offset < range.End; offset++)
            {
                if (!found.Takes(offset)) return;
                found.Add(stateOf(offset));
            }
        }
    }

    private static MessageState AsSettled(long offset) => new(offset, MessageStatus.Settled, Retries: 0);

    private MessageState AsReady(long offset) => Active(offset, MessageStatus.Ready);

    private MessageState AsDelayed(long offset, long due) => Active(offset, MessageStatus.Delayed) with { DueMs = due };

    private MessageState AsPending(long offset, DeadLetterReason reason, bool isBeingCopied) =>
        Active(offset, MessageStatus.PendingDlq) with { PendingReason = reason, IsBeingCopied = isBeingCopied };

    private MessageState AsInflight(Lease lease, Func<long, long> wallClockOf) => Active(lease.Offset, MessageStatus.Inflight) with
    {
        Lease = new LeaseHolder(lease.Subscription.Holder, wallClockOf(lease.ExpiresAt)),
    };

    private MessageState Active(long offset, MessageStatus status) =>
        new(offset, status, RetriesOf(offset)) { ExpiresAtMs = _deadlines.DeadlineOf(offset) };
}
