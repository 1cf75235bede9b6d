using Fibril.Broker.Channels;
using Fibril.Broker.Queues.Recovery;
using static Fibril.Broker.Hosting.Configuration.Define;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The log, and what happens when it is damaged.</summary>
internal static class StorageSettings
{
    public static IEnumerable<SettingDefinition> All =>
    [
        Scalar(Settings.SyncInterval, Kind.Duration(OneMillisecond, OneMinute),
            "Without effect, for files of other engines: here the next commit starts when the one before it has ended.",
            options => options.Accepted.SyncInterval, (options, value) => options.Accepted.SyncInterval = value,
            "FIBRIL_KERATIN_FSYNC_INTERVAL_MS", "--keratin-fsync-interval-ms"),
        Scalar("storage.keratin.min_fsync_interval_ms", Kind.Duration(TimeSpan.Zero, TimeSpan.FromSeconds(1)),
            "Shortest pause between the starts of two commits of one partition; 0 starts the next when the last has ended.",
            options => options.Log.MinSyncInterval, (options, value) => options.Log.MinSyncInterval = value,
            "FIBRIL_KERATIN_MIN_FSYNC_INTERVAL_MS", "--keratin-min-fsync-interval-ms"),
        Scalar(Settings.BatchLinger, Kind.Duration(OneMillisecond, OneMinute),
            "Without effect, for files of other engines: here a batch gathers while the commit before it is in flight.",
            options => options.Accepted.BatchLinger, (options, value) => options.Accepted.BatchLinger = value,
            "FIBRIL_KERATIN_BATCH_LINGER_MS", "--keratin-batch-linger-ms"),
        Scalar("storage.keratin.settlement_sync_interval_ms", Kind.Duration(OneMillisecond, TimeSpan.FromSeconds(10)),
            "Longest time a settlement stays unsynced; one that is lost means redelivery, never loss.",
            options => options.Log.SettlementSyncInterval, (options, value) => options.Log.SettlementSyncInterval = value),
        Scalar("storage.keratin.tail_cache_bytes", Kind.Bytes(0, 64L * GiB),
            "Memory that holds recent records for consumers that keep up, over all partitions; 0 switches it off.",
            options => options.Log.TailCacheBytes, (options, value) => options.Log.TailCacheBytes = value),
        Scalar("storage.keratin.compaction_min_live_percent", Kind.Count(0, 90),
            "A full segment of which less than this percentage is still needed is rewritten without the rest; 0 switches that off.",
            options => options.Log.CompactionMinLivePercent, (options, value) => options.Log.CompactionMinLivePercent = value),
        Scalar("storage.keratin.reserve_bytes", Kind.Bytes(0, 64L * GiB),
            "Room held back on the disk, so that consumers are served on when it is full; 0 holds none back.",
            options => options.Log.ReserveBytes, (options, value) => options.Log.ReserveBytes = value),
        Scalar("storage.keratin.segment_preallocate_bytes", Kind.Bytes(0, GiB),
            "Most space reserved ahead of the write position of a message segment; 0 switches reserving off.",
            options => options.Log.PreallocateBytes, (options, value) => options.Log.PreallocateBytes = value,
            "FIBRIL_KERATIN_SEGMENT_PREALLOCATE_BYTES"),
        Scalar("storage.keratin.max_inflight_fsyncs", Kind.Count(1, 64),
            "Most commits in flight to the disk, over all partitions.",
            options => options.Log.MaxInflightSyncs, (options, value) => options.Log.MaxInflightSyncs = value,
            "FIBRIL_KERATIN_MAX_INFLIGHT_FSYNCS"),

        Scalar(Settings.PipelineCommitRecords, Kind.Number(0, long.MaxValue),
            "Without effect, for files of other engines: here all commits are pipelined.",
            options => options.Accepted.PipelineCommitRecords, (options, value) => options.Accepted.PipelineCommitRecords = value,
            "FIBRIL_KERATIN_PIPELINE_COMMIT_RECORDS"),

        Scalar("storage.keratin.message_log.segment_max_bytes", Kind.Bytes(64 * KiB, GiB),
            "Size at which a message segment is closed; it can be exceeded by one batch.",
            options => options.Log.MessageSegmentBytes, (options, value) => options.Log.MessageSegmentBytes = value,
            "FIBRIL_KERATIN_MESSAGE_LOG_SEGMENT_MAX_BYTES", "--keratin-message-log-segment-max-bytes"),

        Scalar("storage.keratin.event_log.segment_max_bytes", Kind.Bytes(64 * KiB, GiB),
            "Size at which an event segment is closed.",
            options => options.Log.EventSegmentBytes, (options, value) => options.Log.EventSegmentBytes = value,
            "FIBRIL_KERATIN_EVENT_LOG_SEGMENT_MAX_BYTES", "--keratin-event-log-segment-max-bytes"),

        Scalar("recovery.on_mismatch", Kind.OneOf<MismatchPolicy>(),
            "What happens to a partition whose files are damaged: parked, parked with the broker not ready, or repaired at once.",
            options => options.Recovery.OnMismatch, (options, value) => options.Recovery.OnMismatch = value,
            "FIBRIL_RECOVERY_ON_MISMATCH"),
        Scalar("recovery.check", Kind.OneOf<RecoveryCheck>(),
            "Whether stored bytes are verified when somebody comes for them, or all of them before the broker serves.",
            options => options.Recovery.Check, (options, value) => options.Recovery.Check = value),
    ];
}
