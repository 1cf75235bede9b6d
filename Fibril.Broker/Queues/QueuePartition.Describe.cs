using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Queues;

internal sealed partial class QueuePartition
{
    /// <summary>How the partition stands, and who waits for what. Thread-safe.</summary>
    /// <exception cref="Channels.PartitionNotServingException">It serves nobody now.</exception>
    public Task<QueuePartitionStatus> DescribeAsync(CancellationToken cancellationToken = default) =>
        AskAsync(static partition => partition.Describe(), cancellationToken);

    private QueuePartitionStatus Describe()
    {
        OffsetRange? firstReady = _state.FirstReady;
        (long? lowestLeased, long? highestLeased) = (null, null);
        foreach (Lease lease in _state.Leases)
        {
            lowestLeased = Math.Min(lowestLeased ?? lease.Offset, lease.Offset);
            highestLeased = Math.Max(highestLeased ?? lease.Offset, lease.Offset);
        }

        return new QueuePartitionStatus(
            Id, _state.SettledFrontier, _state.MessageEnd, _state.ReadyCount, _state.ReadyRunCount, _state.LeasedCount, _state.DelayedCount, _state.PendingCount,
            _state.Retries.Count, _state.DeadlineCount)
        {
            LowestReady = firstReady?.Start,
            HighestReady = firstReady is null ? null : _state.ReadyRanges.Last().End - 1,
            LowestLeased = lowestLeased,
            HighestLeased = highestLeased,
            NextDueMs = _state.EarliestDelay,
            NextExpiryMs = _state.EarliestExpiry,
            NextLeaseEndMs = _state.LeasedCount == 0 ? null : WallClockOf(_state.EarliestLeaseDeadline),
            AwaitsDeadLetterTarget = AwaitsDeadLetterTarget,
            IsFull = Settings.Overflow == OverflowPolicy.Reject && _state.ActiveCount >= MostMessages,
            IsSealed = _isSealed,
            EventEnd = _events.NextOffset,
            SnapshotEventEnd = _newestKept.EventEnd,
            IsSnapshotUnderWay = _snapshot is not null,
            Gate = _plan is { } plan ? new GateStatus(plan.Cohort, _assignee, _isGateClear) : null,
            Consumers =
            [
                .. _subscriptions.Select(subscription => new ConsumerStatus(
                    subscription.Holder, subscription.Prefetch, subscription.InFlight, subscription.AutoAck, subscription.OutputIsFull,
                    _plan is null ? subscription.MemberId is not null : subscription.MemberId != _assignee, subscription.MemberId)),
            ],
        };
    }
}
