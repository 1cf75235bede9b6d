using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Delivery;

namespace Fibril.Broker.Queues.State;

/// <summary>Why an offset was settled. Numbers stand in event records: append only.</summary>
internal enum SettleReason : byte
{
    /// <summary>A consumer completed it.</summary>
    Completed = 1,
    /// <summary>A consumer failed it for good.</summary>
    Failed = 2,
    /// <summary>A consumer asked for one retry more than the queue allows.</summary>
    RetriesExhausted = 3,
    /// <summary>Its time to live ran out.</summary>
    Expired = 4,
    /// <summary>Its copy is durable in the dead-letter target.</summary>
    DeadLettered = 5,
    /// <summary>It was pending for the dead-letter target when the policy turned out to have no place for it.</summary>
    Discarded = 6,
    /// <summary>An operator removed it.</summary>
    Removed = 7,
    /// <summary>It was a dead letter, and its copy is durable in the queue that it came from.</summary>
    Replayed = 8,
    /// <summary>An operator purged the queue.</summary>
    Purged = 9,
    /// <summary>The queue was full, and gave up its oldest.</summary>
    Overflowed = 10,
    /// <summary>It could not be read any more, and a repair gave it up.</summary>
    Unreadable = 11,
}

/// <summary>Why a lease ended without settling its message. Numbers stand in event records: append only.</summary>
internal enum ReturnCause : byte
{
    /// <summary>The consumer asked for a retry.</summary>
    Retried = 1,
    /// <summary>The lease passed its deadline (M-11).</summary>
    LeaseExpired = 2,
    /// <summary>The subscription ended (M-50).</summary>
    Released = 3,
}

/// <summary>Takes down what must outlive a restart, while the state changes.</summary>
internal interface IQueueEventSink
{
    void Settled(long offset, SettleReason reason);

    /// <summary>A whole range was purged.</summary>
    void Purged(OffsetRange offsets);

    void Retried(long offset, int retries, long notBefore);

    /// <summary>A lease ended without settling its message, which is worth knowing when the message makes trouble.</summary>
    void Returned(long offset, ReturnCause cause, string holder);

    /// <summary>The message waits for its copy to the dead-letter target.</summary>
    void DeadLettered(long offset, DeadLetterReason reason);

    /// <summary>The copy is being made: a restart from here on may make a second one (D-48).</summary>
    void CopyBegun(long offset);
}

/// <summary>
/// Which message is ready, leased, delayed or settled, and the rules that move it from one to the other. Decides without I/O: the
/// partition performs what comes out.
/// </summary>
/// <remarks>
/// Costs memory for work in hand only: ready and settled offsets are ranges; leased, delayed, expiring and retried messages are an
/// entry each. Not thread-safe.
/// </remarks>
internal sealed partial class QueueState(IQueueEventSink events)
{
    private const int MostExpiredPerTake = 8192;

    private readonly OffsetRangeSet _ready = new();
    private readonly OffsetRangeSet _settled = new();
    private readonly LeaseTable _leases = new();
    private readonly PriorityQueue<long, long> _delayed = new();
    private readonly MessageDeadlines _deadlines = new();
    private readonly Dictionary<long, int> _retries = [];

    /// <summary>What has happened, for whoever counts it.</summary>
    public QueueTallies Tallies { get; } = new();

    /// <summary>When messages were due that have become ready late.</summary>
    public DueTimes DueTimes { get; } = new();

    /// <summary>Offset behind the last message that was admitted: everything below it has a state.</summary>
    public long MessageEnd { get; private set; }

    /// <summary>Consumers get messages in the order of their offsets: from here on nobody was given any, and what is ready before may have come back.</summary>
    public long GivenEnd { get; private set; }

    public long ReadyCount => _ready.Count;

    public int LeasedCount => _leases.Count;

    public int DelayedCount => _delayed.Count;

    public long SettledCount => _settled.Count;

    /// <summary>Messages that are ready, leased, delayed or pending.</summary>
    public long ActiveCount => MessageEnd - _settled.Count;

    /// <summary>True when the queue's policy keeps a copy of messages that fail for good; false when it drops them (D-54).</summary>
    public bool KeepsDeadLetters { get; set; }

    /// <summary>End of the unbroken run of settled offsets that starts at 0: never moves back, always exact (M-6).</summary>
    public long SettledFrontier => _settled.IsEmpty || _settled.First.Start > 0 ? 0 : _settled.First.End;

    /// <summary>The lowest run of ready offsets; null when nothing is ready.</summary>
    public OffsetRange? FirstReady => _ready.IsEmpty ? null : _ready.First;

    /// <summary>Deadline of the lease that expires first; <see cref="long.MaxValue"/> without leases.</summary>
    public long EarliestLeaseDeadline => _leases.EarliestDeadline;

    /// <summary>Unix milliseconds at which the next delayed message is due; null without any.</summary>
    public long? EarliestDelay => _delayed.TryPeek(out _, out long due) ? due : null;

    /// <summary>Unix milliseconds at which the next time to live runs out; null without any.</summary>
    public long? EarliestExpiry => _deadlines.Earliest;

    public IEnumerable<OffsetRange> SettledRanges => _settled.Ranges;

    public IEnumerable<OffsetRange> ReadyRanges => _ready.Ranges;

    public IEnumerable<(long Offset, long NotBefore)> Delayed => _delayed.UnorderedItems;

    public IEnumerable<(long Offset, long Deadline)> Deadlines => _deadlines.All;

    public IReadOnlyCollection<KeyValuePair<long, int>> Retries => _retries;

    public IEnumerable<Lease> Leases => _leases.All;

    public bool IsSettled(long offset) => _settled.Contains(offset);

    public int RetriesOf(long offset) => _retries.Count == 0 ? 0 : _retries.GetValueOrDefault(offset);

    /// <summary>Takes in durable messages without birth state: they are ready.</summary>
    public void AdmitReady(OffsetRange offsets)
    {
        _ready.AddRange(offsets);
        MessageEnd = offsets.End;
    }

    /// <summary>Takes in one durable message with a delay or a time to live, or both.</summary>
    /// <param name="offset">The next offset.</param>
    /// <param name="notBefore">Unix milliseconds; 0 for none.</param>
    /// <param name="deadline">Unix milliseconds at which it expires; null for never.</param>
    /// <param name="now">A delay that is over already makes it ready (D-6).</param>
    public void Admit(long offset, long notBefore, long? deadline, Moment now)
    {
        MessageEnd = offset + 1;
        if (deadline is { } expiresAt) _deadlines.Add(offset, expiresAt);
        if (notBefore > now.UnixMs) _delayed.Enqueue(offset, notBefore);
        else MakeReady(offset, now);
    }

    /// <summary>Takes the lowest ready message that has not expired; expired ones are settled on the way (D-14).</summary>
    /// <returns>False when nothing is ready, or when a bounded number of expired ones were met first: <see cref="FirstReady"/> tells.</returns>
    public bool TryTakeReady(Moment now, out long offset)
    {
        for (int expired = 0; expired < MostExpiredPerTake && !_ready.IsEmpty; expired++)
        {
            offset = _ready.First.Start;
            _ready.TakeFirst();
            if (!_deadlines.HasPassed(offset, now.UnixMs)) return true;
            Expire(offset);
        }

        offset = -1;
        return false;
    }

    /// <summary>Puts back a message that was taken and could not be handed over (M-54).</summary>
    public void PutBack(long offset) => _ready.Add(offset);

    /// <summary>Gives up a message that was taken, or is being copied, and turns out to be lost (S-53).</summary>
    public void GiveUpLost(long offset)
    {
        _pending.TryEndCopy(offset, out _);
        Settle(offset, SettleReason.Unreadable);
    }

    public void Grant(ulong tag, long offset, QueueSubscription subscription, long expiresAt)
    {
        GivenEnd = Math.Max(GivenEnd, offset + 1);
        _leases.Grant(tag, offset, subscription, expiresAt);
    }

    /// <summary>ACK: settled for good. False when the tag is dead, unknown or another session's, which changes nothing (M-30 to M-36).</summary>
    public bool Complete(ulong tag, QueueSubscription by)
    {
        if (FindOwn(tag, by) is not { } lease) return false;
        Settle(EndLease(lease), SettleReason.Completed);
        Tallies.Completed++;
        return true;
    }

    /// <summary>NACK without requeue: over to the queue's dead-letter policy (M-22).</summary>
    public bool Fail(ulong tag, QueueSubscription by)
    {
        if (FindOwn(tag, by) is not { } lease) return false;
        GiveUp(EndLease(lease), DeadLetterReason.TerminalNack, SettleReason.Failed);
        Tallies.Refused++;
        return true;
    }

    /// <summary>NACK with requeue: ready again at <paramref name="notBefore"/>, or given up when the retry limit is used up (M-40).</summary>
    /// <param name="tag">The delivery.</param>
    /// <param name="by">The subscription that settles.</param>
    /// <param name="notBefore">Unix milliseconds; 0 for at once.</param>
    /// <param name="maxRetries">The queue's limit; null for none.</param>
    /// <param name="now">The clocks.</param>
    public bool Retry(ulong tag, QueueSubscription by, long notBefore, int? maxRetries, Moment now)
    {
        if (FindOwn(tag, by) is not { } lease) return false;
        string holder = lease.Subscription.Holder;
        long offset = EndLease(lease);
        events.Returned(offset, ReturnCause.Retried, holder);
        Tallies.Refused++;
        int retries = RetriesOf(offset) + 1;
        if (retries > maxRetries)
        {
            GiveUp(offset, DeadLetterReason.RetriesExhausted, SettleReason.RetriesExhausted);
            return true;
        }

        _retries[offset] = retries;
        events.Retried(offset, retries, notBefore);
        Tallies.ComingBack++;
        if (notBefore > now.UnixMs) _delayed.Enqueue(offset, notBefore);
        else MakeReady(offset, now);
        return true;
    }

    /// <summary>A subscription ended: what it held is ready again, its retry count unchanged (M-50, M-51).</summary>
    public void Release(QueueSubscription subscription, Moment now)
    {
        while (subscription.OldestLease is { } lease) Return(lease, ReturnCause.Released, now);
    }

    /// <summary>Moves the leases of one subscription to another: their tags and deadlines stay.</summary>
    public static void HandOver(QueueSubscription from, QueueSubscription to) => LeaseTable.HandOver(from, to);

    /// <summary>Returns expired leases to ready (M-11), at most <paramref name="max"/>; calls back for each.</summary>
    public int ExpireLeases(Moment now, int max, Action<QueueSubscription> slotFreed)
    {
        int count = 0;
        for (; count < max && _leases.Earliest is { } lease && lease.ExpiresAt <= now.Timestamp; count++)
        {
            QueueSubscription subscription = lease.Subscription;
            Tallies.ComingBack++;
            DueTimes.Note(lease.Offset, now.UnixMs);
            Return(lease, ReturnCause.LeaseExpired, now);
            slotFreed(subscription);
        }

        return count;
    }

    /// <summary>Makes due delayed messages ready, at most <paramref name="max"/>.</summary>
    public int ReleaseDelayed(Moment now, int max)
    {
        int count = 0;
        for (; count < max && _delayed.TryPeek(out long offset, out long due) && due <= now.UnixMs; count++)
        {
            _delayed.Dequeue();
            DueTimes.Note(offset, due);
            MakeReady(offset, now);
        }

        return count;
    }

    /// <summary>Settles ready messages whose time to live ran out, at most <paramref name="max"/>. Leased ones are left alone (D-13).</summary>
    public int ExpireMessages(Moment now, int max)
    {
        int count = 0;
        for (; count < max && _deadlines.TryTakeDue(now.UnixMs, out long offset); count++)
        {
            // Leased and delayed messages are judged when they come back.
            if (_ready.Remove(offset)) Expire(offset);
        }

        return count;
    }

    private Lease? FindOwn(ulong tag, QueueSubscription by)
    {
        Lease? lease = _leases.Find(tag);
        return lease?.Subscription == by ? lease : null;
    }

    private void Return(Lease lease, ReturnCause cause, Moment now)
    {
        events.Returned(lease.Offset, cause, lease.Subscription.Holder);
        MakeReady(EndLease(lease), now);
    }

    private long EndLease(Lease lease)
    {
        long offset = lease.Offset;
        _leases.End(lease);
        return offset;
    }

    /// <summary>What comes back after its time to live is given up instead of delivered (D-14, D-18).</summary>
    private void MakeReady(long offset, Moment now)
    {
        if (_deadlines.PassedOrWatch(offset, now.UnixMs)) Expire(offset);
        else _ready.Add(offset);
    }

    /// <summary>Gives up the oldest ready message of a full queue; false when none is ready.</summary>
    public bool TryDropOldest()
    {
        if (_ready.IsEmpty) return false;
        GiveUp(_ready.TakeFirst(), DeadLetterReason.Overflow, SettleReason.Overflowed);
        return true;
    }

    private void Expire(long offset)
    {
        Tallies.Expired++;
        GiveUp(offset, DeadLetterReason.Expired, SettleReason.Expired);
    }

    /// <summary>Hands a message over to the queue's policy: it waits for its copy, or is settled at once (D-15, M-22, M-40).</summary>
    private void GiveUp(long offset, DeadLetterReason reason, SettleReason withoutCopy)
    {
        if (KeepsDeadLetters) SetPending(offset, reason);
        else Settle(offset, withoutCopy);
    }

    private void Settle(long offset, SettleReason reason)
    {
        if (_retries.Count > 0) _retries.Remove(offset);
        DueTimes.Forget(offset);
        _deadlines.Remove(offset);
        _settled.Add(offset);
        events.Settled(offset, reason);
    }
}
