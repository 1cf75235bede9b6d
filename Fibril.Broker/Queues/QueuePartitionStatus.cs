using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues;

/// <summary>One partition of a queue at one moment, as operators see it. Times are Unix milliseconds.</summary>
/// <param name="Id">Which partition.</param>
/// <param name="SettledUntil">Everything before this offset is settled.</param>
/// <param name="MessageEnd">Offset behind the last message.</param>
/// <param name="Ready">Ready messages.</param>
/// <param name="ReadyRuns">Unbroken runs of them: what they cost in memory.</param>
/// <param name="Leased">Leased messages.</param>
/// <param name="Delayed">Messages that are not due yet.</param>
/// <param name="DeadLettering">Messages whose copy to the dead-letter target is not durable yet.</param>
/// <param name="Retried">Messages that consumers have asked to retry.</param>
/// <param name="Expiring">Messages with a time to live.</param>
internal sealed record QueuePartitionStatus(
    PartitionId Id, long SettledUntil, long MessageEnd, long Ready, int ReadyRuns, int Leased, int Delayed, long DeadLettering, int Retried, int Expiring)
{
    public long? LowestReady { get; init; }

    public long? HighestReady { get; init; }

    public long? LowestLeased { get; init; }

    public long? HighestLeased { get; init; }

    /// <summary>When the next delayed message is due.</summary>
    public long? NextDueMs { get; init; }

    /// <summary>When the next time to live runs out.</summary>
    public long? NextExpiryMs { get; init; }

    /// <summary>When the first lease ends.</summary>
    public long? NextLeaseEndMs { get; init; }

    /// <summary>True when dead letters wait because the policy is global and there is no global target (D-37).</summary>
    public bool AwaitsDeadLetterTarget { get; init; }

    /// <summary>True when the queue is declared with a limit, refuses what is beyond it, and is at it.</summary>
    public bool IsFull { get; init; }

    /// <summary>True while it is being deleted: it leases nothing any more.</summary>
    public bool IsSealed { get; init; }

    /// <summary>Offset behind the last event of the log of what happened.</summary>
    public long EventEnd { get; init; }

    /// <summary>Events that the newest snapshot covers; 0 for none.</summary>
    public long SnapshotEventEnd { get; init; }

    public bool IsSnapshotUnderWay { get; init; }

    /// <summary>Who receives, while the queue has an exclusive consumer group; null without one.</summary>
    public GateStatus? Gate { get; init; }

    /// <summary>Those who are subscribed.</summary>
    public IReadOnlyList<ConsumerStatus> Consumers { get; init; } = [];
}

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
