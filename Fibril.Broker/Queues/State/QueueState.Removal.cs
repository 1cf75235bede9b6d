using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Inspection;

namespace Fibril.Broker.Queues.State;

// Operators take messages out of a queue, one by one: for good, or to bring a dead letter back to where it failed.
internal sealed partial class QueueState
{
    /// <summary>Settles messages that nobody holds: leased ones are their holder's to settle, those being copied are left to the copy.</summary>
    /// <returns>What became of each, in the order of <paramref name="offsets"/>.</returns>
    public RemovalOutcome[] Remove(IReadOnlyList<long> offsets)
    {
        var outcomes = new RemovalOutcome[offsets.Count];
        HashSet<long> rest = [];
        for (int i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = TryRemove(offsets[i]);
            if (outcomes[i] == RemovalOutcome.Leased) rest.Add(offsets[i]);
        }

        HashSet<long> delayed = TakeDelayed(rest);
        for (int i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i] != RemovalOutcome.Leased || !delayed.Contains(offsets[i])) continue;
            outcomes[i] = _settled.Contains(offsets[i]) ? RemovalOutcome.SettledAlready : RemovalOutcome.Removed;
            if (outcomes[i] == RemovalOutcome.Removed) Settle(offsets[i], SettleReason.Removed);
        }

        return outcomes;
    }

    /// <summary>Settles those of some messages that are ready and were never given to a consumer.</summary>
    /// <returns>How many.</returns>
    public long Withdraw(OffsetRange offsets)
    {
        long withdrawn = 0;
        for (long offset = Math.Max(offsets.Start, GivenEnd); offset < offsets.End; offset++)
        {
            if (!_ready.Remove(offset)) continue;
            Settle(offset, SettleReason.Removed);
            withdrawn++;
        }

        return withdrawn;
    }

    /// <summary>Leases one ready message out of its turn; false when it is not ready, or has expired and is about to be settled.</summary>
    public bool TryGrantOutOfTurn(ulong tag, long offset, Delivery.QueueSubscription subscription, long expiresAt, Moment now)
    {
        if (_deadlines.HasPassed(offset, now.UnixMs) || !_ready.Remove(offset)) return false;
        _leases.Grant(tag, offset, subscription, expiresAt); // nobody is given it
        return true;
    }

    /// <summary>The copy of a leased dead letter is durable: it is finished. False when the lease is over, which changes nothing.</summary>
    public bool FinishReplay(ulong tag, Delivery.QueueSubscription by)
    {
        if (FindOwn(tag, by) is not { } lease) return false;
        Settle(EndLease(lease), SettleReason.Replayed);
        return true;
    }

    /// <summary>Settles a message at once; what is neither ready, pending nor finished is leased, or delayed.</summary>
    private RemovalOutcome TryRemove(long offset)
    {
        if (offset < 0 || offset >= MessageEnd) return RemovalOutcome.Unknown;
        if (_settled.Contains(offset)) return RemovalOutcome.SettledAlready;
        if (_pending.IsCopying(offset)) return RemovalOutcome.BeingCopied;
        if (_pending.ReasonOf(offset) is not null) _pending.Remove(OffsetRange.Of(offset));
        else if (!_ready.Remove(offset)) return RemovalOutcome.Leased;
        Settle(offset, SettleReason.Removed);
        return RemovalOutcome.Removed;
    }

    /// <summary>Takes delayed messages out. The heap cannot give up entries in its middle, so it is made anew, once for all of them.</summary>
    private HashSet<long> TakeDelayed(HashSet<long> wanted)
    {
        HashSet<long> taken = [];
        if (wanted.Count == 0 || _delayed.Count == 0) return taken;
        foreach ((long offset, _) in _delayed.UnorderedItems)
            if (wanted.Contains(offset)) taken.Add(offset);
        if (taken.Count == 0) return taken;

        (long, long)[] kept = [.. _delayed.UnorderedItems.Where(item => !taken.Contains(item.Element))];
        _delayed.Clear();
        _delayed.EnqueueRange(kept);
        return taken;
    }
}
