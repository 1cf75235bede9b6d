using System.Net;
using Fibril.Broker.Channels;
using Fibril.Broker.Hosting;
using Fibril.Broker.Queues.Recovery;

namespace Fibril.Tests.Unit.Hosting;

/// <summary>One setting as the documentation has it, with two values to tell sources apart: a second copy of the list.</summary>
internal sealed record SettingSample(
    string Key, Func<BrokerOptions, object> Read, object Default, SampleValue First, SampleValue Second,
    string? Variable = null, string? Flag = null)
{
    public string Section => Key[..Key.LastIndexOf('.')];

    public string Name => Key[(Key.LastIndexOf('.') + 1)..];

    public string GenericVariable => "FIBRIL__" + string.Join("__", Key.Split('.')).ToUpperInvariant();

    public string TomlWith(SampleValue value) => $"[{Section}]\n{Name} = {value.Toml}\n";
}

internal sealed record SampleValue(string Plain, string Toml, object Expected);

internal static class SettingSamples
{
    public static IReadOnlyList<SettingSample> All { get; } =
    [
        new("server.data_dir", o => o.DataDirectory, "server_data",
            new("/var/one", "\"/var/one\"", "/var/one"), new("two", "'two'", "two"), "FIBRIL_DATA_DIR", "--data-dir"),
        new("server.shutdown_timeout_ms", o => o.ShutdownTimeout, Seconds(15), Ms(0), Ms(600_000)),

        new("broker.listener.bind", o => o.Sessions.Bind, EndPoint("0.0.0.0:9876"),
            Address("127.0.0.1:7001"), Address("[::1]:0"), "FIBRIL_BROKER_BIND", "--broker-bind"),
        new("broker.standalone_topology", o => o.Sessions.StandaloneTopology, true, False, True),
        new("broker.max_connections", o => o.Sessions.MaxConnections, 10_000, Int(1), Int(1_000_000)),
        new("broker.max_frame_bytes", o => o.Sessions.MaxFrameBytes, 64 << 20, Int(64 << 10), Int(1 << 30)),
        new("broker.max_unauthenticated_frame_bytes", o => o.Sessions.MaxUnauthenticatedFrameBytes, 64 << 10, Int(1 << 10), Int(1 << 20)),
        new("broker.output_buffer_bytes", o => o.Sessions.OutputBufferBytes, 1 << 20, Int(64 << 10), Int(1 << 30)),
        new("broker.heartbeat_interval_ms", o => o.Sessions.HeartbeatInterval, Seconds(5), Ms(100), Ms(3_600_000)),
        new("broker.handshake_timeout_ms", o => o.Sessions.HandshakeTimeout, Seconds(10), Ms(100), Ms(300_000)),
        new("broker.max_partition_count", o => o.Sessions.MaxPartitionCount, 1024, Int(1), Int(65_536)),

        new("admin.listener.bind", o => o.Admin.Bind, EndPoint("127.0.0.1:8081"),
            Address("127.0.0.2:7002"), Address("[::1]:7003"), "FIBRIL_ADMIN_BIND", "--admin-bind"),
        new("admin.auth.allow_unauthenticated", o => o.Admin.Auth.AllowUnauthenticated, false, True, False),

        new("auth.allow_default_loopback", o => o.Auth.AllowDefaultLoopback, true, False, True),
        new("auth.seed_users", o => string.Join(',', o.Auth.Users.Select(user => $"{user.UserName}:{user.Password}")), "",
            Users("ann"), Users("bob")),

        new("storage.keratin.min_fsync_interval_ms", o => o.Log.MinSyncInterval, TimeSpan.Zero, Ms(1), Ms(1000),
            "FIBRIL_KERATIN_MIN_FSYNC_INTERVAL_MS", "--keratin-min-fsync-interval-ms"),
        new("storage.keratin.settlement_sync_interval_ms", o => o.Log.SettlementSyncInterval, TimeSpan.FromMilliseconds(50),
            Ms(1), Ms(10_000)),
        new("storage.keratin.tail_cache_bytes", o => o.Log.TailCacheBytes, 64L << 20, Long(0), Long(64L << 30)),
        new("storage.keratin.compaction_min_live_percent", o => o.Log.CompactionMinLivePercent, 50, Int(0), Int(90)),
        new("storage.keratin.reserve_bytes", o => o.Log.ReserveBytes, 64L << 20, Long(0), Long(64L << 30)),
        new("storage.keratin.segment_preallocate_bytes", o => o.Log.PreallocateBytes, 16L << 20, Long(0), Long(1 << 30),
            "FIBRIL_KERATIN_SEGMENT_PREALLOCATE_BYTES"),
        new("storage.keratin.max_inflight_fsyncs", o => o.Log.MaxInflightSyncs, 8, Int(1), Int(64),
            "FIBRIL_KERATIN_MAX_INFLIGHT_FSYNCS"),
        new("storage.keratin.message_log.segment_max_bytes", o => o.Log.MessageSegmentBytes, 256L << 20, Long(64 << 10), Long(1 << 30),
            "FIBRIL_KERATIN_MESSAGE_LOG_SEGMENT_MAX_BYTES", "--keratin-message-log-segment-max-bytes"),
        new("storage.keratin.event_log.segment_max_bytes", o => o.Log.EventSegmentBytes, 32L << 20, Long(64 << 10), Long(1 << 30),
            "FIBRIL_KERATIN_EVENT_LOG_SEGMENT_MAX_BYTES", "--keratin-event-log-segment-max-bytes"),

        new("recovery.on_mismatch", o => o.Recovery.OnMismatch, MismatchPolicy.Quarantine,
            new("refuse", "\"refuse\"", MismatchPolicy.Refuse), new("ignore", "'ignore'", MismatchPolicy.Ignore), "FIBRIL_RECOVERY_ON_MISMATCH"),
        new("recovery.check", o => o.Recovery.Check, RecoveryCheck.Lazy,
            new("eager", "\"eager\"", RecoveryCheck.Eager), new("lazy", "'lazy'", RecoveryCheck.Lazy)),

        new("runtime_seed.delivery.inflight_ttl_ms", o => o.Delivery.LeaseDuration, Seconds(30), Ms(1), Ms(31_536_000_000)),
        new("runtime_seed.delivery.expiry_poll_min_ms", o => o.Delivery.ExpiryPollInterval, Seconds(15), Ms(1), Ms(3_600_000)),
        new("runtime_seed.delivery.expiry_batch_max", o => o.Delivery.ExpiryBatchCount, 8192, Int(1), Int(int.MaxValue)),
        new("runtime_seed.delivery.delivery_poll_max_ms", o => o.Delivery.DelayPollInterval, Seconds(5), Ms(1), Ms(3_600_000)),
        new("runtime_seed.idle_queue_cleanup.enabled", o => o.IdleQueues.Enabled, false, True, False),
        new("runtime_seed.idle_queue_cleanup.evict_after_ms", o => o.IdleQueues.EvictAfter, TimeSpan.FromMinutes(10), Ms(0), Ms(604_800_000)),
        new("runtime_seed.idle_queue_cleanup.sweep_interval_ms", o => o.IdleQueues.SweepInterval, TimeSpan.FromMinutes(1), Ms(1), Ms(86_400_000)),
        new("runtime_seed.idle_queue_cleanup.publisher_idle_timeout_ms", o => o.Sessions.PublisherIdleTimeout, TimeSpan.Zero, Ms(1), Ms(604_800_000)),

        new("runtime_seed.connection.reconnect_grace_ms", o => o.Resume.ReconnectGrace, TimeSpan.FromSeconds(5), Ms(0), Ms(3_600_000),
            "FIBRIL_RECONNECT_GRACE_MS", "--reconnect-grace-ms"),
        new("runtime_seed.connection.resume_session_restart_ttl_ms", o => o.Resume.RestartTimeToLive, TimeSpan.FromMinutes(1), Ms(0), Ms(86_400_000),
            "FIBRIL_RESUME_SESSION_RESTART_TTL_MS", "--resume-session-restart-ttl-ms"),
        new("runtime_seed.consumer_groups.default_target_per_consumer", o => o.Cohorts.DefaultTargetPerConsumer, 0, Int(1), Int(65_536)),
        new("runtime_seed.stream.cursor_commit_window_us", o => o.Streams.CursorCommitWindow, TimeSpan.FromMicroseconds(100), Us(0), Us(1_000_000)),
        new("runtime_seed.stream.cursor_commit_max_batch", o => o.Streams.CursorCommitMaxBatch, 1024, Int(1), Int(4096)),
        new("runtime_seed.stream.idle_evict_enabled", o => o.Streams.IdleEvictEnabled, false, True, False),
        new("runtime_seed.stream.idle_evict_after_ms", o => o.Streams.IdleEvictAfter, TimeSpan.FromMinutes(10), Ms(0), Ms(604_800_000)),
        new("runtime_seed.stream.idle_sweep_interval_ms", o => o.Streams.IdleSweepInterval, TimeSpan.FromMinutes(1), Ms(1), Ms(86_400_000)),

        new("runtime_seed.partitioning.default_partition_count", o => o.Delivery.DefaultPartitionCount, 1, Int(2), Int(1024)),
    ];

    public static SettingSample Find(string key) => All.Single(sample => sample.Key == key);

    private static SampleValue True => new("true", "true", true);

    private static SampleValue False => new("false", "false", false);

    private static SampleValue Int(int value) => new($"{value}", $"{value}", value);

    private static SampleValue Long(long value) => new($"{value}", $"{value}", value);

    private static SampleValue Ms(long value) => new($"{value}", $"{value}", TimeSpan.FromMilliseconds(value));

    private static SampleValue Us(long value) => new($"{value}", $"{value}", TimeSpan.FromMicroseconds(value));

    private static SampleValue Address(string text) => new(text, $"\"{text}\"", EndPoint(text));

    private static SampleValue Users(string name)
    {
        string list = $$"""[{ username = "{{name}}", password = "pw-{{name}}" }]""";
        return new SampleValue(list, list, $"{name}:pw-{name}");
    }

    private static TimeSpan Seconds(int value) => TimeSpan.FromSeconds(value);

    private static IPEndPoint EndPoint(string text) => IPEndPoint.Parse(text);
}
