using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.State;

/// <summary>Messages that were chosen for dead-lettering and whose copy is not durable yet: waiting as ranges, being copied as entries.</summary>
internal sealed class PendingDeadLetters
{
    private readonly SortedDictionary<DeadLetterReason, OffsetRangeSet> _waiting = [];
    private readonly Dictionary<long, DeadLetterReason> _copying = [];

    public long Count => WaitingCount + _copying.Count;

    /// <summary>Messages whose copy was not begun.</summary>
    public long WaitingCount { get; private set; }

    public int CopyingCount => _copying.Count;

    /// <summary>The messages whose copy was not begun, by their reasons.</summary>
    public IEnumerable<(DeadLetterReason Reason, OffsetRangeSet Offsets)> Waiting => _waiting.Select(static entry => (entry.Key, entry.Value));

    /// <summary>The messages that are being copied, in no order.</summary>
    public IEnumerable<(long Offset, DeadLetterReason Reason)> Copying => _copying.Select(static entry => (entry.Key, entry.Value));

    /// <summary>All messages with their reasons, as a restart has to find them: a copy that was begun is one that it interrupts (D-33).</summary>
    public IEnumerable<(DeadLetterReason Reason, OffsetRange Offsets)> AfterRestart =>
        _waiting.SelectMany(static entry => entry.Value.Ranges.Select(range => (entry.Key, range)))
            .Concat(_copying.Keys.Order().Select(static offset => (DeadLetterReason.PendingRecovery, OffsetRange.Of(offset))));

    public void Add(DeadLetterReason reason, OffsetRange offsets)
    {
        if (!_waiting.TryGetValue(reason, out OffsetRangeSet? set)) _waiting.Add(reason, set = new OffsetRangeSet());
        long before = set.Count;
        set.AddRange(offsets);
        WaitingCount += set.Count - before;
    }

    /// <summary>Takes offsets out, whatever their reason; for those that turn out to be settled.</summary>
    public void Remove(OffsetRange offsets)
    {
        foreach (OffsetRangeSet set in _waiting.Values)
        {
            long before = set.Count;
            set.RemoveRange(offsets);
            WaitingCount -= before - set.Count;
        }
    }

    /// <summary>The reason of a message that is pending; null when it is not.</summary>
    public DeadLetterReason? ReasonOf(long offset)
    {
        if (_copying.TryGetValue(offset, out DeadLetterReason copying)) return copying;
        foreach ((DeadLetterReason reason, OffsetRangeSet set) in _waiting)
        {
            if (set.Contains(offset)) return reason;
        }

        return null;
    }

    public bool IsCopying(long offset) => _copying.ContainsKey(offset);

    /// <summary>Takes the lowest waiting message out; false when none waits.</summary>
    public bool TryTake(out long offset, out DeadLetterReason reason)
    {
        (offset, reason) = (long.MaxValue, default);
        if (WaitingCount == 0) return false;
        foreach ((DeadLetterReason candidate, OffsetRangeSet set) in _waiting)
        {
            if (!set.IsEmpty && set.First.Start < offset) (offset, reason) = (set.First.Start, candidate);
        }

        _waiting[reason].TakeFirst();
        WaitingCount--;
        return true;
    }

    public void BeginCopy(long offset, DeadLetterReason reason) => _copying.Add(offset, reason);

    /// <summary>Ends the copy of a message; false when it was not being copied.</summary>
    public bool TryEndCopy(long offset, out DeadLetterReason reason) => _copying.Remove(offset, out reason);
}
