using Fibril.Broker.Channels;
using Fibril.Broker.Queues.Recovery;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>Every setting of this version, section by section. Ranges are those in the docs of the options classes.</summary>
internal static class Settings
{
    private const int KiB = 1 << 10;
    private const int MiB = 1 << 20;
    private const int GiB = 1 << 30;

    private static readonly TimeSpan OneMillisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan TenthOfSecond = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan OneHour = TimeSpan.FromHours(1);

    public const string BrokerBind = "broker.listener.bind";
    public const string MaxPartitionCount = "broker.max_partition_count";
    public const string AdminBind = "admin.listener.bind";
    public const string AllowUnauthenticated = "admin.auth.allow_unauthenticated";
    public const string SeedUsers = "auth.seed_users";
    public const string DefaultPartitionCount = "runtime_seed.partitioning.default_partition_count";

    public static IReadOnlyList<SettingDefinition> All { get; } =
    [
        Scalar("server.data_dir", Kind.Path,
            "Directory of everything the broker stores; one process at a time may use it.",
            options => options.DataDirectory, (options, value) => options.DataDirectory = value,
            "FIBRIL_DATA_DIR", "--data-dir"),
        Scalar("server.shutdown_timeout_ms", Kind.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            "How long a stop may take to drain and sync before connections are cut.",
            options => options.ShutdownTimeout, (options, value) => options.ShutdownTimeout = value),

        Scalar(BrokerBind, Kind.Endpoint,
            "Address and port of the broker listener.",
            options => options.Sessions.Bind, (options, value) => options.Sessions.Bind = value,
            "FIBRIL_BROKER_BIND", "--broker-bind"),

        Scalar("broker.standalone_topology", Kind.Boolean,
            "False answers topology requests with an empty topology, as older standalone brokers do.",
            options => options.Sessions.StandaloneTopology, (options, value) => options.Sessions.StandaloneTopology = value),
        Scalar("broker.max_connections", Kind.Count(1, 1_000_000),
            "Most open connections; further ones are closed at once.",
            options => options.Sessions.MaxConnections, (options, value) => options.Sessions.MaxConnections = value),
        Scalar("broker.max_frame_bytes", Kind.SmallBytes(64 * KiB, GiB),
            "Largest accepted frame body.",
            options => options.Sessions.MaxFrameBytes, (options, value) => options.Sessions.MaxFrameBytes = value),
        Scalar("broker.max_unauthenticated_frame_bytes", Kind.SmallBytes(KiB, MiB),
            "Largest accepted frame body before authentication.",
            options => options.Sessions.MaxUnauthenticatedFrameBytes,
            (options, value) => options.Sessions.MaxUnauthenticatedFrameBytes = value),
        Scalar("broker.output_buffer_bytes", Kind.SmallBytes(64 * KiB, GiB),
            "Bytes waiting to be sent to one connection above which it gets no more deliveries.",
            options => options.Sessions.OutputBufferBytes, (options, value) => options.Sessions.OutputBufferBytes = value),
        Scalar("broker.heartbeat_interval_ms", Kind.Duration(TenthOfSecond, OneHour),
            "How often a PING is sent; three silent intervals end a connection.",
            options => options.Sessions.HeartbeatInterval, (options, value) => options.Sessions.HeartbeatInterval = value),
        Scalar("broker.handshake_timeout_ms", Kind.Duration(TenthOfSecond, TimeSpan.FromMinutes(5)),
            "How long a connection may take for its first frame, and again for its handshake.",
            options => options.Sessions.HandshakeTimeout, (options, value) => options.Sessions.HandshakeTimeout = value),
        Scalar(MaxPartitionCount, Kind.Count(1, 65_536),
            "Most partitions one queue or stream may have.",
            options => options.Sessions.MaxPartitionCount, (options, value) => options.Sessions.MaxPartitionCount = value),

        Scalar(AdminBind, Kind.Endpoint,
            "Address and port of the admin HTTP listener; other addresses than loopback need admin.auth.allow_unauthenticated.",
            options => options.Admin.Bind, (options, value) => options.Admin.Bind = value,
            "FIBRIL_ADMIN_BIND", "--admin-bind"),

        Scalar(AllowUnauthenticated, Kind.Boolean,
            "True lets the admin listener, which asks nobody for a password, be reached from other machines.",
            options => options.Admin.Auth.AllowUnauthenticated, (options, value) => options.Admin.Auth.AllowUnauthenticated = value),

        Scalar("auth.allow_default_loopback", Kind.Boolean,
            "True accepts fibril with password fibril from loopback peers while no user of that name exists.",
            options => options.Auth.AllowDefaultLoopback, (options, value) => options.Auth.AllowDefaultLoopback = value),
        new SeedUsersSetting(SeedUsers,
            "Users that may connect from any address; "
            + $"{SeedUserVariables.UserName} with {SeedUserVariables.Password} or {SeedUserVariables.PasswordFile} adds one."),

        Scalar("storage.keratin.min_fsync_interval_ms", Kind.Duration(TimeSpan.Zero, TimeSpan.FromSeconds(1)),
            "Shortest pause between the starts of two commits of one partition; 0 starts the next when the last has ended.",
            options => options.Log.MinSyncInterval, (options, value) => options.Log.MinSyncInterval = value,
            "FIBRIL_KERATIN_MIN_FSYNC_INTERVAL_MS", "--keratin-min-fsync-interval-ms"),
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

        Scalar("runtime_seed.delivery.inflight_ttl_ms", Kind.Duration(OneMillisecond, TimeSpan.FromDays(365)),
            "How long a delivered, unsettled message stays leased.",
            options => options.Delivery.LeaseDuration, (options, value) => options.Delivery.LeaseDuration = value),
        Scalar("runtime_seed.delivery.expiry_poll_min_ms", Kind.Duration(OneMillisecond, OneHour),
            "Longest time between looks at the wall clock while messages have a time to live.",
            options => options.Delivery.ExpiryPollInterval, (options, value) => options.Delivery.ExpiryPollInterval = value),
        Scalar("runtime_seed.delivery.expiry_batch_max", Kind.Count(1, int.MaxValue),
            "Most messages one expiry pass handles.",
            options => options.Delivery.ExpiryBatchCount, (options, value) => options.Delivery.ExpiryBatchCount = value),
        Scalar("runtime_seed.delivery.delivery_poll_max_ms", Kind.Duration(OneMillisecond, OneHour),
            "Longest time between looks at the wall clock while messages are delayed.",
            options => options.Delivery.DelayPollInterval, (options, value) => options.Delivery.DelayPollInterval = value),

        Scalar("runtime_seed.idle_queue_cleanup.enabled", Kind.Boolean,
            "True unloads queues that nobody uses from memory; nothing of them is deleted.",
            options => options.IdleQueues.Enabled, (options, value) => options.IdleQueues.Enabled = value),
        Scalar("runtime_seed.idle_queue_cleanup.evict_after_ms", Kind.Duration(TimeSpan.Zero, TimeSpan.FromDays(7)),
            "How long nobody may have used a queue before it is unloaded.",
            options => options.IdleQueues.EvictAfter, (options, value) => options.IdleQueues.EvictAfter = value),
        Scalar("runtime_seed.idle_queue_cleanup.sweep_interval_ms", Kind.Duration(OneMillisecond, TimeSpan.FromDays(1)),
            "Time between two looks for queues to unload, or to delete when they were declared so.",
            options => options.IdleQueues.SweepInterval, (options, value) => options.IdleQueues.SweepInterval = value),
        Scalar("runtime_seed.idle_queue_cleanup.publisher_idle_timeout_ms", Kind.Duration(TimeSpan.Zero, TimeSpan.FromDays(7)),
            "After this time without a publish a connection no longer keeps a queue loaded; 0 for never.",
            options => options.Sessions.PublisherIdleTimeout, (options, value) => options.Sessions.PublisherIdleTimeout = value),

        Scalar("runtime_seed.connection.reconnect_grace_ms", Kind.Duration(TimeSpan.Zero, OneHour),
            "How long a session waits for its client after the connection is gone, with its leases; 0 ends it at once.",
            options => options.Resume.ReconnectGrace, (options, value) => options.Resume.ReconnectGrace = value,
            "FIBRIL_RECONNECT_GRACE_MS", "--reconnect-grace-ms"),
        Scalar("runtime_seed.connection.resume_session_restart_ttl_ms", Kind.Duration(TimeSpan.Zero, TimeSpan.FromDays(1)),
            "How old a saved session may be to be resumed after a restart of the broker; 0 saves none.",
            options => options.Resume.RestartTimeToLive, (options, value) => options.Resume.RestartTimeToLive = value,
            "FIBRIL_RESUME_SESSION_RESTART_TTL_MS", "--resume-session-restart-ttl-ms"),

        Scalar("runtime_seed.consumer_groups.default_target_per_consumer", Kind.Count(0, 65_536),
            "Partitions that a member of an exclusive consumer group would like to have at most, unless it says so itself; 0 for no limit.",
            options => options.Cohorts.DefaultTargetPerConsumer, (options, value) => options.Cohorts.DefaultTargetPerConsumer = value),

        Scalar("runtime_seed.stream.cursor_commit_window_us", Kind.Microseconds(TimeSpan.Zero, TimeSpan.FromSeconds(1)),
            "Time that moves of durable cursors gather before they are written together; a crash may lose the last of them.",
            options => options.Streams.CursorCommitWindow, (options, value) => options.Streams.CursorCommitWindow = value),
        Scalar("runtime_seed.stream.cursor_commit_max_batch", Kind.Count(1, 4096),
            "Most cursors in one record of a commit.",
            options => options.Streams.CursorCommitMaxBatch, (options, value) => options.Streams.CursorCommitMaxBatch = value),
        Scalar("runtime_seed.stream.idle_evict_enabled", Kind.Boolean,
            "True unloads streams that nobody uses from memory; nothing of them is deleted.",
            options => options.Streams.IdleEvictEnabled, (options, value) => options.Streams.IdleEvictEnabled = value),
        Scalar("runtime_seed.stream.idle_evict_after_ms", Kind.Duration(TimeSpan.Zero, TimeSpan.FromDays(7)),
            "How long nobody may have used a stream before it is unloaded.",
            options => options.Streams.IdleEvictAfter, (options, value) => options.Streams.IdleEvictAfter = value),
        Scalar("runtime_seed.stream.idle_sweep_interval_ms", Kind.Duration(OneMillisecond, TimeSpan.FromDays(1)),
            "Time between two looks for streams to unload.",
            options => options.Streams.IdleSweepInterval, (options, value) => options.Streams.IdleSweepInterval = value),

        Scalar(DefaultPartitionCount, Kind.Count(1, 1024),
            "Partitions of a queue or stream declared without a count; at most broker.max_partition_count.",
            options => options.Delivery.DefaultPartitionCount, (options, value) => options.Delivery.DefaultPartitionCount = value),
    ];

    private static readonly Dictionary<string, SettingDefinition> ByKey = All.ToDictionary(setting => setting.Key);

    public static IReadOnlyCollection<string> Keys => ByKey.Keys;

    /// <summary>Every table that holds settings or tables with settings.</summary>
    public static IReadOnlyCollection<string> Sections { get; } = [.. All.SelectMany(setting => SectionsAround(setting.Key)).Distinct()];

    public static SettingDefinition? Find(string key) => ByKey.GetValueOrDefault(key);

    public static bool IsSection(string path) => Sections.Contains(path);

    /// <summary>Names what may stand in a section, or at the top of the file when there is no such section.</summary>
    public static string DescribeContent(string section)
    {
        string prefix = IsSection(section) ? section + "." : "";
        IEnumerable<string> inside = Sections.Concat(Keys)
            .Where(path => path.StartsWith(prefix, StringComparison.Ordinal) && path.Length > prefix.Length)
            .Where(path => !path[prefix.Length..].Contains('.', StringComparison.Ordinal))
            .Select(path => IsSection(path) ? $"[{path}]" : path[prefix.Length..]);
        return (prefix.Length == 0 ? "at the top: " : $"in [{section}]: ") + string.Join(", ", inside);
    }

    private static ScalarSetting<T> Scalar<T>(
        string key, ValueKind<T> kind, string description, Func<BrokerOptions, T> get, Action<BrokerOptions, T> set,
        string? variable = null, string? flag = null) =>
        new(key, kind, description, get, set, variable, flag);

    private static IEnumerable<string> SectionsAround(string key)
    {
        for (int dot = key.IndexOf('.'); dot > 0; dot = key.IndexOf('.', dot + 1)) yield return key[..dot];
    }
}
