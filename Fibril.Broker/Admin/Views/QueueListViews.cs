using System.Text.Json.Serialization;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Queues;
using Fibril.Broker.Statistics.Readings;

namespace Fibril.Broker.Admin.Views;

/// <summary>Depth of queues (admin-api 9.1), by <c>topic</c> or <c>topic:group</c>.</summary>
internal sealed record QueueDepthsView(OrderedDictionary<string, QueueDepthView> Queues);

/// <summary>Depth of one queue, over its loaded partitions.</summary>
/// <param name="Status"><c>ok</c>, or <c>error</c> when a partition serves nobody.</param>
/// <param name="ReadyCount">Ready messages.</param>
/// <param name="InflightCount">Leased messages.</param>
/// <param name="Message">What is wrong.</param>
internal sealed record QueueDepthView(
    string Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? ReadyCount,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? InflightCount,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Message);

/// <summary>A page of queues.</summary>
/// <param name="Total">How many match.</param>
/// <param name="Queues">The page.</param>
internal sealed record QueueListView(int Total, IReadOnlyList<QueueRow> Queues);

/// <summary>One queue, with the numbers of its loaded partitions.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Group">The group.</param>
/// <param name="Declared">False for one that came into being by being used.</param>
/// <param name="PartitionCount">Its partitions.</param>
/// <param name="LoadedPartitions">Those in memory; the numbers are of these.</param>
/// <param name="ReadyCount">Ready messages.</param>
/// <param name="InflightCount">Leased messages.</param>
/// <param name="DelayedCount">Messages that are not due yet.</param>
/// <param name="PendingDlqCount">Messages whose copy to the dead-letter target is not durable yet.</param>
/// <param name="DeadLetteredTotal">Messages copied to the dead-letter target since its partitions were loaded: it begins anew when they are loaded again.</param>
/// <param name="Subscriptions">Consumers.</param>
/// <param name="Publishers">Connections that publish to it, each of them once for every partition that it publishes to.</param>
/// <param name="StoredBytes">Bytes on the disk.</param>
/// <param name="OldestReadyMs">When the oldest ready message was received, in Unix milliseconds; null when nothing is ready.</param>
/// <param name="OldestUnsettledMs">The same of all that are not settled.</param>
/// <param name="Error">Why a partition serves nobody; null when all do.</param>
/// <param name="Settings">What it was declared with.</param>
internal sealed record QueueRow(
    string Topic,
    string? Group,
    bool Declared,
    int PartitionCount,
    int LoadedPartitions,
    long ReadyCount,
    long InflightCount,
    long DelayedCount,
    long PendingDlqCount,
    long DeadLetteredTotal,
    long Subscriptions,
    long Publishers,
    long StoredBytes,
    long? OldestReadyMs,
    long? OldestUnsettledMs,
    string? Error,
    QueueSettingsView Settings);

/// <summary>One queue with all its partitions.</summary>
internal sealed record QueueDetailView(QueueRow Queue, IReadOnlyList<QueuePartitionView> Partitions);

/// <summary>One partition of a queue (admin-api 9.2).</summary>
/// <param name="Topic">The queue.</param>
/// <param name="Partition">Which partition.</param>
/// <param name="Group">The queue.</param>
/// <param name="Kind"><c>queue</c> or <c>stream</c>.</param>
/// <param name="Materialized">True when it is in memory.</param>
/// <param name="ExistsOnDisk">True when it was ever used.</param>
/// <param name="Evicting">True while it is being unloaded.</param>
/// <param name="AppliedUpto">Events that are in its state.</param>
/// <param name="LastSnapshotTimestamp">When that was taken, in Unix milliseconds; 0 for never since it was loaded.</param>
/// <param name="LastSnapshotEventOffset">Events that its newest snapshot covers.</param>
/// <param name="DirtySinceSnapshot">True when there are later ones.</param>
/// <param name="CreatingSnapshot">True while one is written.</param>
/// <param name="Role">Always <c>owner</c> on a broker that stands alone.</param>
/// <param name="RoleGeneration">Always 0 on a broker that stands alone.</param>
/// <param name="Error">Why it serves nobody.</param>
/// <param name="State">Its counters; all zero while it is not loaded.</param>
/// <param name="MessageBytes">Bytes of the log of messages.</param>
/// <param name="EventBytes">Bytes of the log of what happened to them.</param>
internal sealed record QueuePartitionView(
    string Topic,
    int Partition,
    string? Group,
    string Kind,
    bool Materialized,
    bool ExistsOnDisk,
    bool Evicting,
    long AppliedUpto,
    long LastSnapshotTimestamp,
    long LastSnapshotEventOffset,
    bool DirtySinceSnapshot,
    bool CreatingSnapshot,
    string Role,
    long RoleGeneration,
    string? Error,
    PartitionStateView State,
    long MessageBytes,
    long EventBytes);

/// <summary>The counters of a partition of a queue.</summary>
internal sealed record PartitionStateView(
    long SettledUntil,
    long ReadyCount,
    int ReadySetFragments,
    int InflightCount,
    int RetriesCount,
    long? MinReady,
    long? MaxReady,
    long? MinInflight,
    long? MaxInflight,
    int ExpiryHeapSize,
    long? NextExpiryHint,
    string DlqPolicy,
    int? DlqMaxRetries,
    PolicyView Dlq,
    long? DefaultMessageTtlMs,
    int DelayedCount,
    long PendingDlqCount,
    long EndOffset,
    long? OldestReadyMs)
{
    /// <param name="status">Null while the partition is not loaded, or serves nobody.</param>
    /// <param name="settings">Of its queue.</param>
    public static PartitionStateView Of(QueuePartitionStatus? status, QueueSettings settings)
    {
        PolicyView policy = PolicyView.Of(settings.DeadLetterPolicy);
        string text = policy switch
        {
            { Policy: PolicyName.Global } => "GlobalDQL",
            { Policy: PolicyName.Custom, Target: { } target } => $"CustomDQL {(target.Group is null ? target.Topic : $"{target.Topic}@{target.Group}")}",
            _ => "Discard",
        };
        return new PartitionStateView(
            status?.SettledUntil ?? 0, status?.Ready.Count ?? 0, status?.ReadyFragments ?? 0, (int)(status?.Leased.Count ?? 0), status?.Retried ?? 0, status?.Ready.First, status?.Ready.Last,
            status?.Leased.First, status?.Leased.Last, status?.Expiring ?? 0, status?.NextExpiryMs, text, settings.MaxRetries, policy, settings.DefaultTtlMs,
            status?.Delayed ?? 0, status?.DeadLettering ?? 0, status?.NextOffset ?? 0, status?.OldestReadyMs);
    }
}

/// <summary>Partitions with everything that is known of them (admin-api 9.2, 10.3).</summary>
internal sealed record PartitionsDebugView(
    int QueueCount,
    int MaterializedQueueCount,
    IReadOnlyList<QueuePartitionView> Queues,
    IReadOnlyDictionary<string, int> CmdQueueDepths,
    EngineSnapshotsView SnapshotMetrics,
    EngineRecoveryView RecoveryMetrics,
    EngineLogsView LogMetrics,
    EngineCommandsView CommandMetrics,
    long UptimeSeconds,
    IReadOnlyList<ActivityView> BrokerActivity,
    ActivitySummaryView BrokerActivitySummary,
    IReadOnlyList<object> ReplicationFollowers,
    ReplicationSummaryView ReplicationSummary,
    IReadOnlyList<object> OwnedReplicas,
    OwnedReplicaSummaryView OwnedReplicaSummary,
    IReadOnlyDictionary<string, object> ReplicationTiming,
    QueueCleanupView BrokerCleanupMetrics)
{
    private static readonly IReadOnlyDictionary<string, object> NoReplication = new Dictionary<string, object>
    {
        ["replication_wakes"] = 0,
        ["follower_progress_reports"] = 0,
        ["replica_confirm_wait"] = ReplicationPhaseView.None,
        ["owner_read"] = ReplicationPhaseView.None,
        ["follower_owner_read"] = ReplicationPhaseView.None,
        ["follower_apply"] = ReplicationPhaseView.None,
        ["follower_tick"] = ReplicationPhaseView.None,
    };

    /// <summary>What a broker that stands alone answers: it follows nobody, and nobody follows it.</summary>
    public static PartitionsDebugView Of(
        StatisticsReading reading, int total, int loaded, IReadOnlyList<QueuePartitionView> rows, IReadOnlyList<ActivityView> activity, QueueCleanupView cleanup)
    {
        EngineView engine = EngineView.Of(reading);
        int active = activity.Count(static row => row.ActivePublishers + row.ActiveSubscribers > 0);
        return new PartitionsDebugView(
            total, loaded, rows, engine.QueueDepths, engine.Snapshot, engine.Recovery, engine.Log, engine.Command, (long)reading.Uptime.TotalSeconds, activity,
            new ActivitySummaryView(activity.Count, active, activity.Count - active), [], new ReplicationSummaryView(0, 0, 0, 0), [], new OwnedReplicaSummaryView(0, 0), NoReplication, cleanup);
    }
}

/// <summary>A phase of replication.</summary>
internal sealed record ReplicationPhaseView(long Count, double TotalMs, double AvgMs, double MaxMs)
{
    public static ReplicationPhaseView None { get; } = new(0, 0, 0, 0);
}

/// <summary>Who uses a partition, and since when nobody does.</summary>
internal sealed record ActivityView(
    string Topic, string? Group, int Partition, int ActivePublishers, int ActiveSubscribers, long? IdleForMs, string? LastEvictionOutcome)
{
    public static ActivityView Of<TPartition>(PartitionSlot<TPartition> slot) where TPartition : class, ISlotPartition => new(
        slot.Id.Queue.Topic, slot.Id.Queue.Group, slot.Id.Partition, slot.CountOf(PartitionUse.Publish), slot.CountOf(PartitionUse.Subscribe),
        slot.IdleFor is var idle && idle > TimeSpan.Zero ? (long)idle.TotalMilliseconds : null,
        slot.LastCleanup is { } outcome ? UnloadOutcomes.NameOf(outcome) : null);
}

/// <summary>How many partitions are used.</summary>
internal sealed record ActivitySummaryView(int TrackedQueueCount, int ActiveQueueCount, int IdleQueueCount);

/// <summary>Partitions that this node follows: none on a broker that stands alone.</summary>
internal sealed record ReplicationSummaryView(int FollowerWorkerCount, int CaughtUpCount, int PendingRetryCount, int CheckpointRequiredCount);

/// <summary>Partitions that this node owns in a cluster.</summary>
internal sealed record OwnedReplicaSummaryView(int OwnedQueueCount, int BelowFloorCount);
