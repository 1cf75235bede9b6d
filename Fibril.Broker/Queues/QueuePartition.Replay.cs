using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.Replay;

namespace Fibril.Broker.Queues;

// A replay copies dead letters off the loop. One that moves them holds a lease on each meanwhile: it is settled when the copy is durable, and
// a crash before that makes it ready again, as it does with a consumer's (M-15).
internal sealed partial class QueuePartition
{
    // A replay copies a few messages at a time. Leases as long as those of consumers keep the lease table cheap.
    private static readonly TimeSpan ShortestReplayLease = TimeSpan.FromSeconds(30);

    /// <summary>Removes messages for good (see <see cref="Queues.State.QueueState.Remove"/>).</summary>
    internal RemovalOutcome[] Remove(IReadOnlyList<long> offsets) => _state.Remove(offsets);

    /// <summary>Withdraws messages that nobody was given (see <see cref="Queues.State.QueueState.Withdraw"/>).</summary>
    internal long Withdraw(OffsetRange offsets) => _state.Withdraw(offsets);

    /// <summary>The same for as long as the queue exists, and never that of another one: offsets of a queue that was deleted mean nothing in one of its name.</summary>
    internal object Incarnation => _cell;

    /// <summary>Decides which messages can be replayed, and leases them when they are to be moved.</summary>
    /// <param name="ascending">Offsets, without repetition.</param>
    /// <param name="mover">Who moves them; null to copy them only.</param>
    internal ReplaySlice BeginReplay(IReadOnlyList<long> ascending, QueueSubscription? mover)
    {
        Dictionary<long, MessageState> states = _state.StatesOf(ascending, WallClockOf);
        var orders = new List<ReplayOrder>();
        var skipped = new List<ReplayItem>();
        foreach (long offset in ascending)
        {
            string? reason = WhyNotToReplay(states.GetValueOrDefault(offset), isMove: mover is not null);
            ulong tag = reason is null && mover is not null ? TryLease(offset, mover) : 0;
            if (reason is null && mover is not null && tag == 0) reason = "its time to live is over";
            if (reason is null) orders.Add(new ReplayOrder(offset, tag));
            else skipped.Add(ReplayItem.Skipped(offset, reason));
        }

        return new ReplaySlice(_messages, orders, PlanRuns(orders.Select(static order => order.Offset)), skipped);
    }

    /// <summary>Plans anew the reads of messages that were moved since <see cref="BeginReplay"/>.</summary>
    /// <param name="ascending">Offsets, without repetition.</param>
    internal (SegmentedLog Messages, IReadOnlyList<PlannedRun> Runs) PlanReplay(IReadOnlyList<long> ascending) =>
        (_messages, PlanRuns(ascending.Where(offset => offset >= _messages.StartOffset)));

    /// <summary>Notes where copies are, settles the messages that are moved, and gives back the others that the replay has leased.</summary>
    /// <returns>Offsets of moved messages that are not settled, because their leases are over.</returns>
    internal IReadOnlyList<long> FinishReplay(QueueSubscription? mover, IReadOnlyList<ReplayedMessage> copied)
    {
        if (copied.Count > 0) Metrics.Replayed.Add(copied.Count);
        var kept = new List<long>();
        foreach ((ReplayOrder order, MessageLink copy) in copied)
        {
            _happened.Copied(order.Offset, copy.Partition, copy.Offset);
            if (mover is not null && !_state.FinishReplay(order.Tag, mover)) kept.Add(order.Offset);
        }

        if (mover is not null) _state.Release(mover, _now);
        return kept;
    }

    private static string? WhyNotToReplay(MessageState? state, bool isMove) => state switch
    {
        null => "no message has this offset yet",
        { Status: MessageStatus.Settled } => "it is not active: it is settled already",
        { Status: MessageStatus.Ready } => null,
        _ when !isMove => null,
        { Lease: { } lease } => $"{lease.Holder} has it; it can be moved when that lease is over",
        { Status: MessageStatus.Delayed } => "it is delayed; it can be moved when it is due, or copied now",
        _ => "it waits for its copy to the dead-letter target of this queue, which takes it along",
    };

    /// <summary>The tag of the lease; 0 when the message has expired.</summary>
    private ulong TryLease(long offset, QueueSubscription mover)
    {
        TimeSpan lease = _environment.Delivery.LeaseDuration;
        ulong tag = PeekTag();
        if (!_state.TryGrantOutOfTurn(tag, offset, mover, After(lease > ShortestReplayLease ? lease : ShortestReplayLease), _now)) return 0;
        UseTag();
        return tag;
    }
}
