namespace Fibril.Broker.Statistics.Readings;

/// <summary>A broker in numbers, at one moment.</summary>
/// <param name="AtMs">When, in Unix milliseconds.</param>
/// <param name="Uptime">Since the broker was opened.</param>
/// <param name="Messages">What happens to messages.</param>
/// <param name="Storage">What the disk does.</param>
/// <param name="Connections">What goes over the broker listener.</param>
/// <param name="Sessions">What became of sessions.</param>
/// <param name="Snapshots">Snapshots of partitions.</param>
/// <param name="Recovery">Partitions loaded, and damage found.</param>
/// <param name="Now">How the broker stands.</param>
internal sealed record StatisticsReading(
    long AtMs,
    TimeSpan Uptime,
    MessageReading Messages,
    StorageReading Storage,
    ConnectionReading Connections,
    SessionReading Sessions,
    SnapshotReading Snapshots,
    RecoveryReading Recovery,
    BrokerGauges Now);

/// <summary>What happens to messages, of queues and streams together (P-70).</summary>
/// <param name="Published">Stored, copies that the broker makes included.</param>
/// <param name="Delivered">Handed to consumers and readers.</param>
/// <param name="Acked">Settled by acknowledgement.</param>
/// <param name="Nacked">Refused, for a retry or for good.</param>
/// <param name="Redelivered">Due again after their lease expired, or because a retry was asked for.</param>
/// <param name="Expired">Given up because their time to live was over.</param>
/// <param name="DeadLetterCopies">Dead letters whose copy is durable in the target.</param>
/// <param name="Replayed">Dead letters copied back to where they came from.</param>
/// <param name="MeanPublishBatch">Messages in a batch since the start; null before the first.</param>
/// <param name="MeanSettleBatch">Settlements in a batch since the start; null before the first.</param>
/// <param name="Confirm">From the receipt of a batch until it is as durable as its channel promises.</param>
/// <param name="Settle">From the receipt of a batch of settlements until it is carried out.</param>
/// <param name="Delivery">From the receipt of a message to its hand-over, of a sample.</param>
/// <param name="Lateness">From when a delayed message, or one whose lease had expired, was due to its hand-over.</param>
internal sealed record MessageReading(
    Rate Published,
    Rate Delivered,
    Rate Acked,
    Rate Nacked,
    Rate Redelivered,
    Rate Expired,
    Rate DeadLetterCopies,
    Rate Replayed,
    double? MeanPublishBatch,
    double? MeanSettleBatch,
    DurationReading Confirm,
    DurationReading Settle,
    DurationReading Delivery,
    DurationReading Lateness);

/// <summary>What the disk does.</summary>
/// <param name="Reads">Reads.</param>
/// <param name="Writes">Writes.</param>
/// <param name="Read">Of all logs together, as the others.</param>
/// <param name="Append">Writes, without their syncs.</param>
/// <param name="Sync">Syncs (fdatasync).</param>
/// <param name="FailedSyncs">Syncs that failed, since the start.</param>
/// <param name="MessageLog">The logs of messages.</param>
/// <param name="EventLog">The logs of what happened to messages, and of cursors.</param>
internal sealed record StorageReading(
    Rate Reads, Rate Writes, DurationReading Read, DurationReading Append, DurationReading Sync, long FailedSyncs, LogReading MessageLog, LogReading EventLog);

/// <summary>What the logs of one kind do.</summary>
/// <param name="Appends">Batches written.</param>
/// <param name="Records">Records written since the start.</param>
/// <param name="Bytes">Bytes written since the start.</param>
/// <param name="MeanBatch">Records in a batch since the start; null before the first.</param>
/// <param name="Reads">Reads.</param>
/// <param name="Append">Writes, without their syncs.</param>
/// <param name="Read">Reads.</param>
/// <param name="Sync">Syncs (fdatasync).</param>
internal sealed record LogReading(
    Rate Appends, long Records, long Bytes, double? MeanBatch, Rate Reads, DurationReading Append, DurationReading Read, DurationReading Sync);

/// <summary>What goes over the broker listener.</summary>
internal sealed record ConnectionReading(Rate Accepted, Rate Ended, Rate BytesIn, Rate BytesOut, Rate Errors);

/// <summary>What became of sessions since the start .</summary>
/// <param name="ResumeNew">Began without a resume attempt.</param>
/// <param name="ResumeAccepted">Resumed, after a restart of the broker as well.</param>
/// <param name="ResumeRejected">Resume attempts refused.</param>
/// <param name="ResumeNotFound">Resume attempts for sessions that do not exist any more.</param>
/// <param name="GraceEntered">Lost their connection and waited for another.</param>
/// <param name="GraceExpired">Waited in vain.</param>
/// <param name="ReconcileRequests">Reconciliations.</param>
/// <param name="ReconcileOutcomes">Verdicts by <see cref="ReconcileOutcomes"/>; every name is there.</param>
internal sealed record SessionReading(
    long ResumeNew,
    long ResumeAccepted,
    long ResumeRejected,
    long ResumeNotFound,
    long GraceEntered,
    long GraceExpired,
    long ReconcileRequests,
    IReadOnlyDictionary<string, long> ReconcileOutcomes);

/// <summary>Snapshots of partitions since the start.</summary>
/// <param name="Attempts">Begun.</param>
/// <param name="Failures">Not written.</param>
/// <param name="BytesWritten">Bytes of all that were written.</param>
/// <param name="LastBytes">Size of the last one; 0 before the first.</param>
/// <param name="Encode">Copying and encoding the state.</param>
/// <param name="Write">Writing, and making durable.</param>
internal sealed record SnapshotReading(long Attempts, long Failures, long BytesWritten, long LastBytes, DurationReading Encode, DurationReading Write);

/// <summary>Partitions loaded since the start, and what was found damaged.</summary>
internal sealed record RecoveryReading(DurationReading Load, long EventsReplayed, int Quarantined, long Quarantines);

/// <summary>How the broker stands, and what the process uses.</summary>
/// <param name="Ready">Ready messages of loaded queues; the next ones likewise.</param>
/// <param name="Leased">Leased messages.</param>
/// <param name="Delayed">Messages that are not due yet.</param>
/// <param name="DeadLettering">Messages whose copy to the dead-letter target is not durable yet.</param>
/// <param name="Connections">Open client connections.</param>
/// <param name="Subscriptions">Open subscriptions.</param>
/// <param name="LoadedPartitions">Partitions in memory, of queues and streams.</param>
/// <param name="ResidentBytes">Physical memory.</param>
/// <param name="CpuPercent">Processor time since the last sample, in percent of one core.</param>
/// <param name="StoredBytes">What all channels take on the disk, unloaded ones included.</param>
/// <param name="DiskFreeBytes">Null where that is not known.</param>
/// <param name="DiskTotalBytes">Size of the disk; null where that is not known.</param>
/// <param name="DiskFull">True while publishes are refused for want of room.</param>
/// <param name="FailingPartitions">Partitions whose disk does not do what it is told; they try again by themselves.</param>
internal sealed record BrokerGauges(
    long Ready,
    long Leased,
    long Delayed,
    long DeadLettering,
    int Connections,
    int Subscriptions,
    int LoadedPartitions,
    long ResidentBytes,
    double CpuPercent,
    long StoredBytes,
    long? DiskFreeBytes,
    long? DiskTotalBytes,
    bool DiskFull,
    int FailingPartitions);
