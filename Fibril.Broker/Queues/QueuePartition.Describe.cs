using Fibril.Broker.Channels;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Queues;

internal sealed partial class QueuePartition
{
    /// <summary>How the partition stands now, and who waits for what, in more detail than <see cref="Gauges"/>; answered on its loop. Thread-safe.</summary>
    /// <exception cref="PartitionNotServingException">It serves nobody now.</exception>
    public Task<QueuePartitionStatus> DescribeAsync(CancellationToken cancellationToken = default) =>
        AskAsync(static partition => partition.Describe(), cancellationToken);

    private QueuePartitionStatus Describe() => new(
        Id,
        _state.SettledFrontier,
        _messages.NextOffset,
        _state.ReadySpan,
        _state.ReadyFragments,
        _state.LeasedSpan,
        _state.DelayedCount,
        _state.PendingCount,
        _state.Retries.Count,
        _state.ExpiringCount,
        _state.EarliestExpiry,
        OldestReadyMs,
        _events.NextOffset,
        _newestKept.EventEnd,
        _lastSnapshotAtMs,
        SnapshotNumber != _lastSnapshotNumber,
        _snapshot is not null)
    {
        NextDueMs = _state.EarliestDelay,
        NextLeaseEndMs = _state.LeasedCount == 0 ? null : WallClockOf(_state.EarliestLeaseDeadline),
        AwaitsDeadLetterTarget = AwaitsDeadLetterTarget,
        IsFull = Settings.Overflow == OverflowPolicy.Reject && _state.ActiveCount >= MostMessages,
        IsSealed = _isSealed,
        Gate = _plan is { } plan ? new GateStatus(plan.Cohort, _assignee, _isGateClear) : null,
        Consumers = [.. _subscriptions.Select(Describe)],
    };

    private ConsumerStatus Describe(QueueSubscription subscription) => new(
        subscription.Holder, subscription.Prefetch, subscription.InFlight, subscription.AutoAck, subscription.OutputIsFull,
        _plan is null ? subscription.MemberId is not null : subscription.MemberId != _assignee, subscription.MemberId);
}
