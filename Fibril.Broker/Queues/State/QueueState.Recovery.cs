using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.State;

// Recovery replays in this order: snapshot, events behind it, messages behind it, finish. Events may name messages that are replayed
// after them. Every step may be repeated without changing the result (M-4).
internal sealed partial class QueueState
{
    private readonly Dictionary<long, long> _replayedDelays = [];

    /// <summary>Starts from a snapshot.</summary>
    public void Replay(QueueSnapshot snapshot)
    {
        MessageEnd = snapshot.MessageEnd;
        foreach (OffsetRange range in snapshot.Settled) _settled.AddRange(range);
        foreach ((long offset, long notBefore) in snapshot.Delayed) _replayedDelays[offset] = notBefore;
        foreach ((long offset, long deadline) in snapshot.Deadlines) _deadlines.Add(offset, deadline);
        foreach ((long offset, int retries) in snapshot.Retries) _retries[offset] = retries;
        foreach ((DeadLetterReason reason, OffsetRange offsets) in snapshot.Pending) _pending.Add(reason, offsets);
    }

    public void ReplaySettled(OffsetRange offsets) => _settled.AddRange(offsets);

    public void ReplayRetried(long offset, int retries, long notBefore)
    {
        if (_settled.Contains(offset)) return;
        _retries[offset] = retries;
        _replayedDelays[offset] = notBefore;
    }

    public void ReplayDeadLettered(DeadLetterReason reason, OffsetRange offsets)
    {
        _pending.Remove(offsets);
        _pending.Add(reason, offsets);
    }

    /// <summary>A copy had been begun; whether it came about is not known, so there may be a second one (D-33).</summary>
    public void ReplayCopyBegun(OffsetRange offsets) => ReplayDeadLettered(DeadLetterReason.PendingRecovery, offsets);

    /// <summary>Takes in the birth state of a message; those the snapshot knows are passed over.</summary>
    public void ReplayMessage(long offset, long notBefore, long? deadline)
    {
        if (offset < MessageEnd) return;
        MessageEnd = offset + 1;
        if (_settled.Contains(offset)) return;
        if (notBefore > 0) _replayedDelays.TryAdd(offset, notBefore); // a later retry has the last word
        if (deadline is { } expiresAt) _deadlines.Add(offset, expiresAt);
    }

    /// <summary>Takes in offsets whose messages a compaction has left out, or a repair has given up: nothing will ever come of them (S-53).</summary>
    public void ReplayLost(OffsetRange offsets)
    {
        MessageEnd = Math.Max(MessageEnd, offsets.End);
        _settled.AddRange(offsets);
    }

    /// <summary>Everything that is neither settled nor still delayed is ready; leases did not survive (M-15, M-34).</summary>
    /// <param name="now">The clocks.</param>
    /// <param name="givenEnd">What <see cref="GivenEnd"/> was; null when nobody knows, and then everything may have been given to somebody.</param>
    public void FinishReplay(Moment now, long? givenEnd = null)
    {
        GivenEnd = givenEnd ?? MessageEnd;
        long start = 0;
        foreach (OffsetRange settled in _settled.Ranges)
        {
            _ready.AddRange(new OffsetRange(start, settled.Start));
            start = settled.End;
        }

        _ready.AddRange(new OffsetRange(start, MessageEnd));
        foreach (OffsetRange settled in _settled.Ranges) _pending.Remove(settled);
        foreach ((_, OffsetRange pending) in _pending.AfterRestart) _ready.RemoveRange(pending);

        foreach ((long offset, long notBefore) in _replayedDelays)
        {
            if (notBefore > now.UnixMs && _ready.Remove(offset)) _delayed.Enqueue(offset, notBefore);
        }

        _replayedDelays.Clear();
        ForgetFinished();
    }

    /// <summary>Forgets the retries of settled messages, and the deadlines of those that none applies to any more.</summary>
    private void ForgetFinished()
    {
        foreach (long offset in _retries.Keys.Where(_settled.Contains).ToArray()) _retries.Remove(offset);
        foreach (long offset in _deadlines.All.Select(static entry => entry.Offset).Where(IsFinishedOrPending).ToArray()) _deadlines.Remove(offset);
    }

    private bool IsFinishedOrPending(long offset) => _settled.Contains(offset) || _pending.ReasonOf(offset) is not null;
}
