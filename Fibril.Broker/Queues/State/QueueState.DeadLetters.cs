using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.State;

// A message that failed for good waits here until its copy is durable in the dead-letter target, and is settled only then (D-48).
internal sealed partial class QueueState
{
    private readonly PendingDeadLetters _pending = new();

    /// <summary>Messages chosen for dead-lettering whose copy is not durable yet.</summary>
    public long PendingCount => _pending.Count;

    /// <summary>Pending messages whose copy was not begun.</summary>
    public long WaitingForCopyCount => _pending.WaitingCount;

    public IEnumerable<(DeadLetterReason Reason, OffsetRange Offsets)> PendingAfterRestart => _pending.AfterRestart;

    public DeadLetterReason? PendingReasonOf(long offset) => _pending.ReasonOf(offset);

    /// <summary>Takes the lowest message that waits for its copy, which begins now; false when none waits.</summary>
    public bool TryBeginCopy(out long offset, out DeadLetterReason reason)
    {
        if (!_pending.TryTake(out offset, out reason)) return false;
        _pending.BeginCopy(offset, reason);
        events.CopyBegun(offset);
        return true;
    }

    /// <summary>The copy is durable: the message is finished.</summary>
    public void FinishCopy(long offset)
    {
        if (_pending.TryEndCopy(offset, out _)) Settle(offset, SettleReason.DeadLettered);
    }

    /// <summary>The copy was not made; the message waits for another try.</summary>
    public void AbandonCopy(long offset)
    {
        if (_pending.TryEndCopy(offset, out DeadLetterReason reason)) _pending.Add(reason, OffsetRange.Of(offset));
    }

    /// <summary>The message is dropped: the chain of targets leads back to this queue (D-38).</summary>
    public void DropCopy(long offset)
    {
        if (_pending.TryEndCopy(offset, out _)) Settle(offset, SettleReason.Discarded);
    }

    /// <summary>Drops messages that wait for a copy, at most <paramref name="max"/>: the policy is to discard by now.</summary>
    /// <returns>How many were dropped.</returns>
    public int DiscardWaiting(int max)
    {
        int count = 0;
        for (; count < max && _pending.TryTake(out long offset, out _); count++) Settle(offset, SettleReason.Discarded);
        return count;
    }

    private void SetPending(long offset, DeadLetterReason reason)
    {
        _deadlines.Remove(offset);
        DueTimes.Forget(offset);
        _pending.Add(reason, OffsetRange.Of(offset));
        events.DeadLettered(offset, reason);
    }
}
