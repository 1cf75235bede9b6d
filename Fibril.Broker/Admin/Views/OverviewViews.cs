using System.Text.Json.Serialization;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Queues.Idle;
using Fibril.Broker.Statistics;
using Fibril.Broker.Statistics.Readings;
using Fibril.Broker.Statistics.Storage;

namespace Fibril.Broker.Admin.Views;

/// <summary>The broker at a glance (admin-api 6.1).</summary>
/// <param name="Broker">What happens to messages.</param>
/// <param name="Storage">What the disk does.</param>
/// <param name="Tcp">What goes over the broker listener.</param>
/// <param name="Stroma">The storage engine in detail.</param>
/// <param name="Sys">What the process uses.</param>
/// <param name="StorageUsed">Bytes of all channels on the disk.</param>
/// <param name="StorageBreakdown">The same by channel, the largest first.</param>
/// <param name="Now">How the broker stands.</param>
/// <param name="UptimeSeconds">Since the broker was opened.</param>
internal sealed record OverviewView(
    BrokerStatsView Broker, StorageStatsView Storage, TcpStatsView Tcp, EngineView Stroma, SystemView Sys, long StorageUsed,
    IReadOnlyList<ChannelBytesView> StorageBreakdown, BrokerGauges Now, long UptimeSeconds)
{
    public static OverviewView Of(StatisticsReading reading, StorageLedger storage, CleanupCounters cleanup)
    {
        IReadOnlyList<ChannelSize> channels = storage.ByChannel();
        return new OverviewView(
            BrokerStatsView.Of(reading.Messages, cleanup), StorageStatsView.Of(reading), TcpStatsView.Of(reading.Connections, reading.Sessions), EngineView.Of(reading),
            new SystemView(reading.Now.ResidentBytes / (double)(1 << 20), reading.Now.CpuPercent), channels.Sum(static channel => channel.MessageBytes + channel.EventBytes),
            [.. channels.Select(static channel => new ChannelBytesView(channel.Name.Topic, channel.Name.Group, channel.MessageBytes, channel.EventBytes))],
            reading.Now, (long)reading.Uptime.TotalSeconds);
    }
}

/// <summary>What happens to messages. Durations are of the last minute unless their name says <c>avg</c> or <c>max</c>, which are since the start.</summary>
internal sealed record BrokerStatsView(
    [property: JsonPropertyName("delivered_per_sec_1m")] double DeliveredPerSec,
    [property: JsonPropertyName("published_per_sec_1m")] double PublishedPerSec,
    [property: JsonPropertyName("acked_per_sec_1m")] double AckedPerSec,
    [property: JsonPropertyName("redelivered_per_sec_1m")] double RedeliveredPerSec,
    [property: JsonPropertyName("expired_per_sec_1m")] double ExpiredPerSec,
    double? AvgPublishBatchSize,
    double? AvgAckBatchSize,
    long TotalPublished,
    long TotalDelivered,
    long TotalAcked,
    long TotalRedelivered,
    long TotalExpired,
    long TotalDeadLettered,
    long TotalReplayed,
    DurationReading ConfirmLatency,
    DurationReading DeliveryLatency,
    DurationReading Lateness,
    QueueCleanupView QueueCleanup)
{
    public static BrokerStatsView Of(MessageReading messages, CleanupCounters cleanup) => new(
        messages.Delivered.PerSecond, messages.Published.PerSecond, messages.Acked.PerSecond, messages.Redelivered.PerSecond, messages.Expired.PerSecond,
        messages.MeanPublishBatch, messages.MeanSettleBatch, messages.Published.Total, messages.Delivered.Total, messages.Acked.Total, messages.Redelivered.Total,
        messages.Expired.Total, messages.DeadLetterCopies.Total, messages.Replayed.Total, messages.Confirm, messages.Delivery, messages.Lateness, QueueCleanupView.Of(cleanup));
}

/// <summary>What the cleanup of idle queues has come to since the start.</summary>
internal sealed record QueueCleanupView(
    long AttemptsTotal, long StorageEvictedTotal, long StorageNotMaterializedTotal, long StorageNotPresentTotal, long StorageHasInflightTotal, long StorageRaceLostTotal,
    long SkippedNotTrackedTotal, long SkippedActiveTotal, long SkippedNotIdleEnoughTotal, long SkippedPendingSettlesTotal, long SkippedHasBrokerDeliveriesTotal,
    long SkippedHasInflightTotal, long SkippedDisabledTotal, long QueuesDeletedTotal)
{
    public static QueueCleanupView Of(CleanupCounters cleanup) => new(
        cleanup.Attempts, cleanup.CountOf(UnloadOutcome.Unloaded), cleanup.CountOf(UnloadOutcome.AlreadyUnloaded), 0, cleanup.CountOf(UnloadOutcome.StorageInflight),
        cleanup.CountOf(UnloadOutcome.StorageRace), cleanup.CountOf(UnloadOutcome.NotTracked),
        cleanup.CountOf(UnloadOutcome.ActiveSubscribers) + cleanup.CountOf(UnloadOutcome.ActivePublishers) + cleanup.CountOf(UnloadOutcome.LeaseRace),
        cleanup.CountOf(UnloadOutcome.NotIdleLongEnough), cleanup.CountOf(UnloadOutcome.PendingSettlements), 0,
        cleanup.CountOf(UnloadOutcome.StorageInflight), cleanup.CountOf(UnloadOutcome.Disabled), cleanup.QueuesDeleted);
}

/// <summary>What the disk does.</summary>
internal sealed record StorageStatsView(
    [property: JsonPropertyName("reads_per_sec_1m")] double ReadsPerSec,
    [property: JsonPropertyName("writes_per_sec_1m")] double WritesPerSec,
    long TotalReads,
    long TotalWrites,
    long TotalFailedSyncs,
    double? AvgReadLatencyMs,
    double? AvgWriteLatencyMs,
    double? AvgAckLatencyMs,
    double? AvgAppendBatchLatencyMs,
    double? AvgAckBatchLatencyMs,
    double? AvgFlushLatencyMs,
    DurationReading ReadLatency,
    DurationReading WriteLatency,
    DurationReading FlushLatency)
{
    public static StorageStatsView Of(StatisticsReading reading)
    {
        StorageReading storage = reading.Storage;
        double? settle = reading.Messages.Settle.MeanMs;
        return new StorageStatsView(
            storage.Reads.PerSecond, storage.Writes.PerSecond, storage.Reads.Total, storage.Writes.Total, storage.FailedSyncs, storage.Read.MeanMs, storage.Append.MeanMs, settle,
            storage.MessageLog.Append.MeanMs, settle, storage.Sync.MeanMs, storage.Read, storage.Append, storage.Sync);
    }
}

/// <summary>What goes over the broker listener.</summary>
internal sealed record TcpStatsView(
    [property: JsonPropertyName("connections_per_sec_1m")] double ConnectionsPerSec,
    [property: JsonPropertyName("disconnections_per_sec_1m")] double DisconnectionsPerSec,
    long TotalConnections,
    [property: JsonPropertyName("bytes_in_per_sec_1m")] double BytesInPerSec,
    [property: JsonPropertyName("bytes_out_per_sec_1m")] double BytesOutPerSec,
    long TotalBytesIn,
    long TotalBytesOut,
    long ErrorsTotal,
    long ResumeNewTotal,
    long ResumeAcceptedTotal,
    long ResumeRejectedTotal,
    long ReconnectGraceEnteredTotal,
    long ReconnectGraceExpiredTotal,
    long ReconcileRequestsTotal,
    long ReconcileKeptTotal,
    long ReconcileRestoredTotal,
    long ReconcileClientClosedTotal,
    long ReconcileServerDroppedTotal,
    long ReconcileMismatchedTotal,
    long ReconcileRestoreFailedTotal,
    long ReconcileRecreatedTotal)
{
    public static TcpStatsView Of(ConnectionReading connections, SessionReading sessions)
    {
        return new TcpStatsView(
            connections.Accepted.PerSecond, connections.Ended.PerSecond, connections.Accepted.Total, connections.BytesIn.PerSecond, connections.BytesOut.PerSecond,
            connections.BytesIn.Total, connections.BytesOut.Total, connections.Errors.Total, sessions.ResumeNew, sessions.ResumeAccepted, sessions.ResumeRejected,
            sessions.GraceEntered, sessions.GraceExpired, sessions.ReconcileRequests, Outcome("kept"), Outcome("restored"), Outcome("client_closed"), Outcome("server_dropped"),
            Outcome("mismatched"), Outcome("restore_failed"), Outcome("recreated"));

        long Outcome(string name) => sessions.ReconcileOutcomes.GetValueOrDefault(name);
    }
}

/// <summary>The storage engine in detail. This engine has no lanes of commands, so those that the surface names are always empty.</summary>
internal sealed record EngineView(EngineCommandsView Command, EngineLogsView Log, EngineSnapshotsView Snapshot, EngineRecoveryView Recovery, IReadOnlyDictionary<string, int> QueueDepths)
{
    private static readonly string[] Lanes = ["express", "high", "medium", "low", "super_low"];
    private static readonly string[] Kinds = ["enqueue", "poll_ready", "ack", "nack", "mark_inflight", "collect_expired"];
    private static readonly IReadOnlyDictionary<string, int> NoLanes = Lanes.ToDictionary(static lane => lane, static _ => 0);
    private static readonly EngineCommandsView NoCommands = new(
        Lanes.ToDictionary(static lane => lane, static _ => new EngineLaneView(0, 0, null, null, null, null, 0)), Kinds.ToDictionary(static kind => kind, static _ => new EngineKindView(0, 0, null)));

    public static EngineView Of(StatisticsReading reading) => new(
        NoCommands, EngineLogsView.Of(reading.Storage), EngineSnapshotsView.Of(reading.Snapshots),
        EngineRecoveryView.Of(reading.Recovery), NoLanes);
}

/// <summary>Commands by lane and kind.</summary>
internal sealed record EngineCommandsView(IReadOnlyDictionary<string, EngineLaneView> PerLane, IReadOnlyDictionary<string, EngineKindView> PerKind);

/// <summary>One lane.</summary>
internal sealed record EngineLaneView(
    int CurrentDepth, [property: JsonPropertyName("dispatched_per_sec_1m")] double DispatchedPerSec, double? AvgWaitMs, double? MaxWaitMs, double? AvgProcessMs, double? MaxProcessMs,
    long TotalDispatched);

/// <summary>One kind of command.</summary>
internal sealed record EngineKindView(long Total, [property: JsonPropertyName("per_sec_1m")] double PerSec, double? AvgLatencyMs);

/// <summary>The logs.</summary>
/// <param name="EventLog">What happened to messages.</param>
/// <param name="MessageLog">Messages.</param>
/// <param name="TruncationsTotal">Always 0: this engine gives up whole segments.</param>
internal sealed record EngineLogsView(EngineLogView EventLog, EngineLogView MessageLog, long TruncationsTotal)
{
    public static EngineLogsView Of(StorageReading storage) => new(EngineLogView.Of(storage.EventLog), EngineLogView.Of(storage.MessageLog), 0);
}

/// <summary>The logs of one kind.</summary>
internal sealed record EngineLogView(
    [property: JsonPropertyName("appends_per_sec_1m")] double AppendsPerSec, double? AvgAppendLatencyMs, double? MaxAppendLatencyMs, double? AvgBatchSize, long TotalAppends,
    long TotalItems, long TotalBytes, [property: JsonPropertyName("reads_per_sec_1m")] double ReadsPerSec, double? AvgReadLatencyMs, long TotalReads, DurationReading Sync)
{
    public static EngineLogView Of(LogReading log) => new(
        log.Appends.PerSecond, log.Append.MeanMs, log.Append.MaxMs, log.MeanBatch, log.Appends.Total, log.Records, log.Bytes, log.Reads.PerSecond, log.Read.MeanMs, log.Reads.Total, log.Sync);
}

/// <summary>Snapshots of partitions. Copying the state is part of encoding it here, and a snapshot that is not due is not attempted.</summary>
internal sealed record EngineSnapshotsView(
    long AttemptsTotal, long SkippedNotDirty, long SkippedInProgress, double? AvgCloneMs, double? AvgTotalMs, double? MaxCloneMs, double? MaxTotalMs, long FailuresTotal,
    double? AvgEncodeMs, double? AvgWriteMs, double? MaxEncodeMs, double? MaxWriteMs, long LastSnapshotSizeBytes, long TotalBytesWritten)
{
    public static EngineSnapshotsView Of(SnapshotReading snapshots) => new(
        snapshots.Attempts, 0, 0, null, snapshots.Encode.MeanMs + snapshots.Write.MeanMs, null, null, snapshots.Failures, snapshots.Encode.MeanMs, snapshots.Write.MeanMs, snapshots.Encode.MaxMs, snapshots.Write.MaxMs, snapshots.LastBytes, snapshots.BytesWritten);
}

/// <summary>Partitions loaded, and damage found.</summary>
internal sealed record EngineRecoveryView(
    double? AvgStartupMs, double? MaxStartupMs, double? AvgSnapshotLoadMs, double? AvgReplayMs, double? MaxReplayMs, long TotalEventsReplayed, long QueuesRecovered, int Quarantined,
    long QuarantinesTotal)
{
    public static EngineRecoveryView Of(RecoveryReading recovery) => new(
        recovery.Load.MeanMs, recovery.Load.MaxMs, null, null, null, recovery.EventsReplayed, recovery.Load.Count, recovery.Quarantined, recovery.Quarantines);
}

/// <summary>What the process uses.</summary>
/// <param name="RssMb">Resident memory, in MiB.</param>
/// <param name="Cpu">Percent of one core.</param>
internal sealed record SystemView(double RssMb, double Cpu);

/// <summary>What one channel takes on the disk.</summary>
internal sealed record ChannelBytesView(string Topic, string? Group, long MessageBytes, long EventBytes);

/// <summary>The activity feed (admin-api 6.4).</summary>
internal sealed record AuditView(IReadOnlyList<Audit.AuditEntry> Entries);
