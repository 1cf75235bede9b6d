using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues;

/// <summary>One partition of a queue at one moment, as operators see it.</summary>
/// <param name="Id">Which partition.</param>
/// <param name="SettledUntil">Everything below this offset is settled.</param>
/// <param name="NextOffset">Offset of the next message.</param>
/// <param name="Ready">Ready messages; bounds are null when there are none.</param>
/// <param name="ReadyFragments">Runs of neighbouring ready messages.</param>
/// <param name="Leased">Leased messages.</param>
/// <param name="Delayed">Messages that are not due yet.</param>
/// <param name="DeadLettering">Messages whose copy to the dead-letter target is not durable yet.</param>
/// <param name="Retried">Messages that were retried and are not settled.</param>
/// <param name="Expiring">Messages with a time to live.</param>
/// <param name="NextExpiryMs">When the next of them expires, in Unix milliseconds; null without any.</param>
/// <param name="OldestReadyMs">When the oldest ready message was received, in Unix milliseconds, or a little before; null when that is not known, or nothing is ready.</param>
/// <param name="NextEvent">Number of the next event: so many were applied since the first.</param>
/// <param name="SnapshotEvent">Events before this one are in the last snapshot; 0 for none.</param>
/// <param name="SnapshotAtMs">When that was taken, in Unix milliseconds; 0 when not since the partition was loaded.</param>
/// <param name="IsDirty">True when something has changed since the last snapshot was begun.</param>
/// <param name="IsSnapshotting">True while a snapshot is being taken.</param>
internal sealed record QueuePartitionStatus(
    PartitionId Id,
    long SettledUntil,
    long NextOffset,
    OffsetSpan Ready,
    int ReadyFragments,
    OffsetSpan Leased,
    int Delayed,
    long DeadLettering,
    int Retried,
    int Expiring,
    long? NextExpiryMs,
    long? OldestReadyMs,
    long NextEvent,
    long SnapshotEvent,
    long SnapshotAtMs,
    bool IsDirty,
    bool IsSnapshotting)
{
    /// <summary>When the next delayed message is due, in Unix milliseconds.</summary>
    public long? NextDueMs { get; init; }

    /// <summary>When the first lease ends, in Unix milliseconds.</summary>
    public long? NextLeaseEndMs { get; init; }

    /// <summary>True when dead letters wait because the policy is global and there is no global target (D-37).</summary>
    public bool AwaitsDeadLetterTarget { get; init; }

    /// <summary>True when the queue is declared with a limit, refuses what is beyond it, and is at it.</summary>
    public bool IsFull { get; init; }

    /// <summary>True while it is being deleted: it leases nothing any more.</summary>
    public bool IsSealed { get; init; }

    /// <summary>Who receives, while the queue has an exclusive consumer group; null without one.</summary>
    public GateStatus? Gate { get; init; }

    /// <summary>Those who are subscribed.</summary>
    public IReadOnlyList<ConsumerStatus> Consumers { get; init; } = [];
}

/// <summary>How many offsets of one state there are, and between which.</summary>
/// <param name="Count">How many.</param>
/// <param name="First">The lowest; null when there are none.</param>
/// <param name="Last">The highest; null when there are none.</param>
internal readonly record struct OffsetSpan(long Count, long? First, long? Last);

/// <summary>The gate of a partition of a queue with an exclusive consumer group (7.2).</summary>
/// <param name="Cohort">The group.</param>
/// <param name="Member">The member that has the partition; null when nobody has.</param>
/// <param name="IsOpen">False while others hold leases from before (G-17).</param>
internal sealed record GateStatus(string Cohort, Guid? Member, bool IsOpen);

/// <summary>A consumer of one partition at one moment.</summary>
/// <param name="Holder">Who, in a few words.</param>
/// <param name="Prefetch">Most unsettled deliveries.</param>
/// <param name="InFlight">Unsettled deliveries.</param>
/// <param name="AutoAck">True when deliveries are settled by being sent.</param>
/// <param name="OutputIsFull">True when its connection has no room, or it has none now.</param>
/// <param name="IsBehindGate">True when the queue has an exclusive consumer group, and the partition is not this consumer's.</param>
/// <param name="Member">Its member of that group; null for one that competes.</param>
internal sealed record ConsumerStatus(string Holder, int Prefetch, int InFlight, bool AutoAck, bool OutputIsFull, bool IsBehindGate, Guid? Member)
{
    public bool HasCredit => AutoAck || InFlight < Prefetch;
}
