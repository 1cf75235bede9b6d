using System.Net;
using Fibril.Broker.Channels;
using Fibril.Broker.Hosting;
using Fibril.Broker.Queues.Recovery;
using Fibril.Broker.Security.Tls;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Hosting;

/// <summary>One setting as the documentation has it, with two values to tell sources apart: a second copy of the list.</summary>
internal sealed record SettingSample(
    string Key, Func<BrokerOptions, object> Read, object Default, SampleValue First, SampleValue Second,
    string? Variable = null, string? Flag = null, params string[] Needs)
{
    /// <summary>Sources that give what the sample's values need beside them.</summary>
    public ConfigurationSources Sources()
    {
        var sources = new ConfigurationSources().File("/run/one", "pw-one\n").File("/run/two", "pw-two");
        foreach (string need in Needs) sources.Arguments("--set", need);
        return sources;
    }

    /// <summary>False when this version accepts one value only.</summary>
    public bool HasChoice => First.Plain != Second.Plain;

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
        new("broker.listener.advertise", o => string.Join('|', o.Sessions.Advertise), "",
            new("a.example:1, b:65535,", "[\"a.example:1\", \"b:65535\"]", "a.example:1|b:65535"), new("[::1]:9", "[\"[::1]:9\"]", "[::1]:9"),
            "FIBRIL_BROKER_ADVERTISE"),
        new("broker.standalone_topology", o => o.Sessions.StandaloneTopology, true, False, True),
        new("broker.max_connections", o => o.Sessions.MaxConnections, 10_000, Int(1), Int(1_000_000)),
        new("broker.max_frame_bytes", o => o.Sessions.MaxFrameBytes, 64 << 20, Int(64 << 10), Int(1 << 30)),
        new("broker.max_unauthenticated_frame_bytes", o => o.Sessions.MaxUnauthenticatedFrameBytes, 64 << 10, Int(1 << 10), Int(1 << 20)),
        new("broker.output_buffer_bytes", o => o.Sessions.OutputBufferBytes, 1 << 20, Int(64 << 10), Int(1 << 30)),
        new("broker.heartbeat_interval_ms", o => o.Sessions.HeartbeatInterval, Seconds(5), Ms(100), Ms(3_600_000)),
        new("broker.handshake_timeout_ms", o => o.Sessions.HandshakeTimeout, Seconds(10), Ms(100), Ms(300_000)),
        new("broker.max_partition_count", o => o.Sessions.MaxPartitionCount, 1024, Int(1), Int(65_536)),

        new("admin.metrics_per_channel", o => o.Admin.MetricsPerChannel, true, False, True, "FIBRIL_ADMIN_METRICS_PER_CHANNEL"),
        new("admin.listener.bind", o => o.Admin.Bind, EndPoint("127.0.0.1:8081"),
            Address("127.0.0.2:7002"), Address("[::1]:7003"), "FIBRIL_ADMIN_BIND", "--admin-bind"),
        new("admin.listener.advertise", o => string.Join('|', o.Admin.Advertise), "",
            new("a:1", "[\"a:1\"]", "a:1"), new("b:2,c:3", "[\"b:2\", \"c:3\"]", "b:2|c:3"), "FIBRIL_ADMIN_ADVERTISE"),
        new("admin.auth.enabled", o => o.Admin.Auth.Enabled, false, True, False, "FIBRIL_ADMIN_AUTH_ENABLED", "--admin-auth-enabled", Needs: ["admin.auth.password=p"]),
        new("admin.auth.username", o => o.Admin.Auth.UserName, "fibril", Text("ann"), Text("bob b"), "FIBRIL_ADMIN_USERNAME", "--admin-username"),
        new("admin.auth.password", o => o.Admin.Auth.Password ?? "", "", Text("pw 1"), Text("2"), "FIBRIL_ADMIN_PASSWORD", "--admin-password"),
        new("admin.auth.password_file", o => $"{o.Admin.Auth.PasswordFile}:{o.Admin.Auth.Password}", ":",
            new("/run/one", "\"/run/one\"", "/run/one:pw-one"), new("/run/two", "\"/run/two\"", "/run/two:pw-two"), "FIBRIL_ADMIN_PASSWORD_FILE"),
        new("admin.auth.allow_unauthenticated", o => o.Admin.Auth.AllowUnauthenticated, false, True, False),
        new("admin.auth.session_idle_timeout_ms", o => o.Admin.Auth.SessionIdleTimeout, Seconds(1800), Ms(60_000), Ms(604_800_000), Needs: ["admin.auth.session_absolute_timeout_ms=2592000000"]),
        new("admin.auth.session_absolute_timeout_ms", o => o.Admin.Auth.SessionAbsoluteTimeout, Seconds(43_200), Ms(60_000), Ms(2_592_000_000), Needs: ["admin.auth.session_idle_timeout_ms=60000"]),
        new("admin.health.verbose_public", o => o.Admin.HealthVerbosePublic, false, True, False),

        new("auth.allow_default_loopback", o => o.Auth.AllowDefaultLoopback, true, False, True),
        new("auth.seed_users", o => string.Join(',', o.Auth.Users.Select(user => $"{user.UserName}:{user.Password}")), "",
            Users("ann"), Users("bob")),

        new("tls.enabled", o => o.Tls.Enabled, false, True, False, "FIBRIL_TLS_ENABLED", Needs: ["tls.auto_self_signed=true"]),
        new("tls.cert_path", o => o.Tls.CertificatePath ?? "", "", Text("/c1"), Text("c 2"), "FIBRIL_TLS_CERT_PATH"),
        new("tls.key_path", o => o.Tls.KeyPath ?? "", "", Text("/k1"), Text("k 2"), "FIBRIL_TLS_KEY_PATH"),
        new("tls.auto_self_signed", o => o.Tls.AutoSelfSigned, false, True, False, "FIBRIL_TLS_AUTO_SELF_SIGNED"),
        new("tls.admin_enabled", o => $"{o.Tls.AdminEnabled}", "", Text("True", "true"), Text("False", "false"), "FIBRIL_TLS_ADMIN_ENABLED", Needs: ["tls.enabled=true", "tls.auto_self_signed=true"]),
        new("tls.inter_broker", o => $"{o.Tls.InterBroker}", "", Text("True", "true"), Text("False", "false"), "FIBRIL_TLS_INTER_BROKER", Needs: ["tls.enabled=true", "tls.auto_self_signed=true"]),
        new("tls.peer_ca_path", o => o.Tls.PeerCaPath ?? "", "", Text("/p1"), Text("p 2"), "FIBRIL_TLS_PEER_CA_PATH"),
        new("tls.client_auth", o => o.Tls.ClientAuth, ClientCertificates.Off,
            Name("request", ClientCertificates.Request), Name("require", ClientCertificates.Require), "FIBRIL_TLS_CLIENT_AUTH"),
        new("tls.admin_client_auth", o => o.Tls.AdminClientAuth, ClientCertificates.Off,
            Name("request", ClientCertificates.Request), Name("require", ClientCertificates.Require), "FIBRIL_TLS_ADMIN_CLIENT_AUTH"),
        new("tls.client_ca_path", o => o.Tls.ClientCaPath ?? "", "", Text("/a1"), Text("a 2"), "FIBRIL_TLS_CLIENT_CA_PATH"),

        new("storage.keratin.fsync_interval_ms", o => o.Accepted.SyncInterval, TimeSpan.FromMilliseconds(5), Ms(1), Ms(60_000),
            "FIBRIL_KERATIN_FSYNC_INTERVAL_MS", "--keratin-fsync-interval-ms"),
        new("storage.keratin.min_fsync_interval_ms", o => o.Log.MinSyncInterval, TimeSpan.Zero, Ms(1), Ms(1000),
            "FIBRIL_KERATIN_MIN_FSYNC_INTERVAL_MS", "--keratin-min-fsync-interval-ms"),
        new("storage.keratin.batch_linger_ms", o => o.Accepted.BatchLinger, TimeSpan.FromMilliseconds(5), Ms(1), Ms(60_000),
            "FIBRIL_KERATIN_BATCH_LINGER_MS", "--keratin-batch-linger-ms"),
        new("storage.keratin.settlement_sync_interval_ms", o => o.Log.SettlementSyncInterval, TimeSpan.FromMilliseconds(50),
            Ms(1), Ms(10_000)),
        new("storage.keratin.tail_cache_bytes", o => o.Log.TailCacheBytes, 64L << 20, Long(0), Long(64L << 30)),
        new("storage.keratin.compaction_min_live_percent", o => o.Log.CompactionMinLivePercent, 50, Int(0), Int(90)),
        new("storage.keratin.reserve_bytes", o => o.Log.ReserveBytes, 64L << 20, Long(0), Long(64L << 30)),
        new("storage.keratin.segment_preallocate_bytes", o => o.Log.PreallocateBytes, 16L << 20, Long(0), Long(1 << 30),
            "FIBRIL_KERATIN_SEGMENT_PREALLOCATE_BYTES"),
        new("storage.keratin.max_inflight_fsyncs", o => o.Log.MaxInflightSyncs, 8, Int(1), Int(64),
            "FIBRIL_KERATIN_MAX_INFLIGHT_FSYNCS"),
        new("storage.keratin.pipeline_commit_records", o => o.Accepted.PipelineCommitRecords, 2048L, Long(0), Long(long.MaxValue),
            "FIBRIL_KERATIN_PIPELINE_COMMIT_RECORDS"),
        new("storage.keratin.message_log.segment_max_bytes", o => o.Log.MessageSegmentBytes, 256L << 20, Long(64 << 10), Long(1 << 30),
            "FIBRIL_KERATIN_MESSAGE_LOG_SEGMENT_MAX_BYTES", "--keratin-message-log-segment-max-bytes"),
        new("storage.keratin.event_log.segment_max_bytes", o => o.Log.EventSegmentBytes, 32L << 20, Long(64 << 10), Long(1 << 30),
            "FIBRIL_KERATIN_EVENT_LOG_SEGMENT_MAX_BYTES", "--keratin-event-log-segment-max-bytes"),

        new("recovery.on_mismatch", o => o.Recovery.OnMismatch, MismatchPolicy.Quarantine,
            new("refuse", "\"refuse\"", MismatchPolicy.Refuse), new("ignore", "'ignore'", MismatchPolicy.Ignore), "FIBRIL_RECOVERY_ON_MISMATCH"),
        new("recovery.check", o => o.Recovery.Check, RecoveryCheck.Lazy,
            new("eager", "\"eager\"", RecoveryCheck.Eager), new("lazy", "'lazy'", RecoveryCheck.Lazy)),

        new("setup.mode", o => o.SetupMode, false, False, False, "FIBRIL_SETUP_MODE"),

        new("coordination.mode", o => o.Coordination.Mode, CoordinationMode.Static,
            Name("static", CoordinationMode.Static), Name("static", CoordinationMode.Static), "FIBRIL_COORDINATION_MODE"),
        new("coordination.node_id", o => o.Coordination.NodeId, "local", Text("n1"), Text("n 2"), "FIBRIL_COORDINATION_NODE_ID"),
        new("coordination.secret_path", o => o.Coordination.SecretPath ?? "", "", Text("/s1"), Text("s 2"), "FIBRIL_CLUSTER_SECRET_PATH"),
        new("coordination.ganglion.raft_node_id", o => o.Coordination.Ganglion.RaftNodeId, 1L, Long(2), Long(long.MaxValue), "FIBRIL_COORDINATION_RAFT_ID"),
        new("coordination.ganglion.listen", o => o.Coordination.Ganglion.Listen, EndPoint("127.0.0.1:7301"),
            Address("0.0.0.0:7302"), Address("[::1]:7303"), "FIBRIL_COORDINATION_LISTEN"),
        new("coordination.ganglion.peers", o => string.Join('|', o.Coordination.Ganglion.Peers.OrderBy(p => p.Key)), "",
            new("1=a:1, 2=[::1]:2,", "{ 1 = \"a:1\", 2 = \"[::1]:2\" }", "[1, a:1]|[2, [::1]:2]"), new("7=b:3", "{ 7 = \"b:3\" }", "[7, b:3]"),
            "FIBRIL_COORDINATION_PEERS"),
        new("coordination.ganglion.endpoints", o => string.Join('|', o.Coordination.Ganglion.Endpoints), "",
            new("a:1", "[\"a:1\"]", "a:1"), new("b:2,c:3", "[\"b:2\", \"c:3\"]", "b:2|c:3")),
        new("coordination.ganglion.bootstrap", o => o.Coordination.Ganglion.Bootstrap, false, True, False, "FIBRIL_COORDINATION_BOOTSTRAP"),
        new("coordination.ganglion.data_dir", o => o.Coordination.Ganglion.DataDirectory ?? "", "", Text("/d1"), Text("d 2")),
        new("coordination.ganglion.wire_format", o => o.Coordination.Ganglion.WireFormat, CoordinationWireFormat.Msgpack,
            Name("json", CoordinationWireFormat.Json), Name("msgpack", CoordinationWireFormat.Msgpack), "FIBRIL_COORDINATION_WIRE_FORMAT"),
        new("coordination.ganglion.heartbeat_interval_ms", o => o.Coordination.Ganglion.HeartbeatInterval, Seconds(3), Ms(1), Ms(3_600_000),
            "FIBRIL_COORDINATION_HEARTBEAT_INTERVAL_MS"),
        new("coordination.ganglion.liveness_ttl_ms", o => o.Coordination.Ganglion.LivenessTtl, Seconds(9), Ms(1), Ms(3_600_000),
            "FIBRIL_COORDINATION_LIVENESS_TTL_MS"),
        new("coordination.ganglion.target_followers", o => o.Coordination.Ganglion.TargetFollowers, 1, Int(0), Int(16)),
        new("coordination.ganglion.stream_replication_factor", o => o.Coordination.Ganglion.StreamReplicationFactor, 1, Int(0), Int(16)),
        new("coordination.ganglion.controller_tick_ms", o => o.Coordination.Ganglion.ControllerTick, Seconds(2), Ms(1), Ms(3_600_000)),
        new("coordination.ganglion.repartition_adoption_timeout_ms", o => o.Coordination.Ganglion.RepartitionAdoptionTimeout, Seconds(30), Ms(0), Ms(3_600_000)),
        new("coordination.ganglion.assignment_durability.mode", o => o.Coordination.Ganglion.Durability, AssignmentDurability.LocalDurable,
            Name("majority_durable", AssignmentDurability.MajorityDurable), Name("local_durable", AssignmentDurability.LocalDurable),
            "FIBRIL_COORDINATION_ASSIGNMENT_DURABILITY"),
        new("coordination.ganglion.assignment_durability.nodes", o => $"{o.Coordination.Ganglion.DurabilityNodes}", "",
            new("1", "1", "1"), new("17", "17", "17"), Needs: ["coordination.ganglion.assignment_durability.mode=replica_durable"]),
        new("coordination.ganglion.raft.heartbeat_interval_ms", o => o.Coordination.Ganglion.Raft.HeartbeatInterval, TimeSpan.FromMilliseconds(250),
            Ms(1), Ms(60_000), "FIBRIL_COORDINATION_RAFT_HEARTBEAT_INTERVAL_MS", Needs: ["coordination.ganglion.raft.election_timeout_min_ms=1800000", "coordination.ganglion.raft.election_timeout_max_ms=3600000"]),
        new("coordination.ganglion.raft.election_timeout_min_ms", o => o.Coordination.Ganglion.Raft.ElectionTimeoutMin, TimeSpan.FromMilliseconds(1500),
            Ms(2), Ms(1_800_000), "FIBRIL_COORDINATION_RAFT_ELECTION_TIMEOUT_MIN_MS", Needs: ["coordination.ganglion.raft.heartbeat_interval_ms=1", "coordination.ganglion.raft.election_timeout_max_ms=3600000"]),
        new("coordination.ganglion.raft.election_timeout_max_ms", o => o.Coordination.Ganglion.Raft.ElectionTimeoutMax, Seconds(3),
            Ms(3), Ms(3_600_000), "FIBRIL_COORDINATION_RAFT_ELECTION_TIMEOUT_MAX_MS", Needs: ["coordination.ganglion.raft.heartbeat_interval_ms=1", "coordination.ganglion.raft.election_timeout_min_ms=2"]),
        new("coordination.ganglion.forwarded_write.redirect_limit", o => o.Coordination.Ganglion.ForwardedWrite.RedirectLimit, 16, Int(1), Int(1000),
            "FIBRIL_COORDINATION_FORWARDED_WRITE_REDIRECT_LIMIT"),
        new("coordination.ganglion.forwarded_write.no_leader_retries", o => o.Coordination.Ganglion.ForwardedWrite.NoLeaderRetries, 6, Int(0), Int(1000),
            "FIBRIL_COORDINATION_FORWARDED_WRITE_NO_LEADER_RETRIES"),
        new("coordination.ganglion.forwarded_write.no_leader_base_backoff_ms", o => o.Coordination.Ganglion.ForwardedWrite.NoLeaderBaseBackoff,
            TimeSpan.FromMilliseconds(25), Ms(1), Ms(60_000), "FIBRIL_COORDINATION_FORWARDED_WRITE_NO_LEADER_BASE_BACKOFF_MS", Needs: ["coordination.ganglion.forwarded_write.no_leader_max_backoff_ms=60000"]),
        new("coordination.ganglion.forwarded_write.no_leader_max_backoff_ms", o => o.Coordination.Ganglion.ForwardedWrite.NoLeaderMaxBackoff,
            TimeSpan.FromMilliseconds(250), Ms(1), Ms(60_000), "FIBRIL_COORDINATION_FORWARDED_WRITE_NO_LEADER_MAX_BACKOFF_MS", Needs: ["coordination.ganglion.forwarded_write.no_leader_base_backoff_ms=1"]),

        new("runtime_seed.delivery.inflight_ttl_ms", o => o.Delivery.LeaseDuration, Seconds(30), Ms(1), Ms(31_536_000_000)),
        new("runtime_seed.delivery.expiry_poll_min_ms", o => o.Delivery.ExpiryPollInterval, Seconds(15), Ms(1), Ms(3_600_000)),
        new("runtime_seed.delivery.expiry_batch_max", o => o.Delivery.ExpiryBatchCount, 8192, Int(1), Int(int.MaxValue)),
        new("runtime_seed.delivery.delivery_poll_max_ms", o => o.Delivery.DelayPollInterval, Seconds(5), Ms(1), Ms(3_600_000)),
        new("runtime_seed.idle_queue_cleanup.enabled", o => o.IdleQueues.Enabled, false, True, False),
        new("runtime_seed.idle_queue_cleanup.evict_after_ms", o => o.IdleQueues.EvictAfter, TimeSpan.FromMinutes(10), Ms(0), Ms(604_800_000),
            "FIBRIL_QUEUE_IDLE_EVICT_AFTER_MS", "--queue-idle-evict-after-ms"),
        new("runtime_seed.idle_queue_cleanup.sweep_interval_ms", o => o.IdleQueues.SweepInterval, TimeSpan.FromMinutes(1), Ms(1), Ms(86_400_000),
            "FIBRIL_QUEUE_IDLE_SWEEP_INTERVAL_MS", "--queue-idle-sweep-interval-ms"),
        new("runtime_seed.idle_queue_cleanup.publisher_idle_timeout_ms", o => o.Sessions.PublisherIdleTimeout, TimeSpan.Zero, Ms(1), Ms(604_800_000),
            "FIBRIL_PUBLISHER_CACHE_IDLE_TIMEOUT_MS", "--publisher-idle-timeout-ms"),

        new("runtime_seed.connection.reconnect_grace_ms", o => o.Resume.ReconnectGrace, TimeSpan.FromSeconds(5), Ms(0), Ms(3_600_000),
            "FIBRIL_RECONNECT_GRACE_MS", "--reconnect-grace-ms"),
        new("runtime_seed.connection.resume_session_restart_ttl_ms", o => o.Resume.RestartTimeToLive, TimeSpan.FromMinutes(1), Ms(0), Ms(86_400_000),
            "FIBRIL_RESUME_SESSION_RESTART_TTL_MS", "--resume-session-restart-ttl-ms"),
        new("runtime_seed.connection.drain_handoff_timeout_ms", o => o.Resume.DrainHandoffTimeout, Seconds(30), Ms(0), Ms(3_600_000)),

        new("runtime_seed.replication.confirm_timeout_ms", o => o.Replication.ConfirmTimeout, Seconds(5), Ms(1), Ms(3_600_000)),
        new("runtime_seed.replication.caught_up_poll_ms", o => o.Replication.CaughtUpPoll, Seconds(1), Ms(1), Ms(3_600_000)),
        new("runtime_seed.replication.retry_poll_ms", o => o.Replication.RetryPoll, TimeSpan.FromMilliseconds(100), Ms(1), Ms(3_600_000)),
        new("runtime_seed.replication.checkpoint_retry_poll_ms", o => o.Replication.CheckpointRetryPoll, Seconds(5), Ms(1), Ms(3_600_000)),
        new("runtime_seed.replication.max_messages_per_read", o => o.Replication.MaxMessagesPerRead, 2048, Int(1), Int(int.MaxValue)),
        new("runtime_seed.replication.max_events_per_read", o => o.Replication.MaxEventsPerRead, 2048, Int(1), Int(int.MaxValue)),
        new("runtime_seed.replication.max_bytes_per_read", o => o.Replication.MaxBytesPerRead, 8 << 20, Int(1), Int(1 << 30)),
        new("runtime_seed.replication.max_iterations_per_tick", o => o.Replication.MaxIterationsPerTick, 8, Int(1), Int(int.MaxValue)),
        new("runtime_seed.replication.min_in_sync_replicas", o => o.Replication.MinInSyncReplicas, 1, Int(2), Int(int.MaxValue)),
        new("runtime_seed.replication.isr_timeout_ms", o => o.Replication.InSyncTimeout, Seconds(10), Ms(1), Ms(3_600_000)),
        new("runtime_seed.replication.read_timeout_slack_ms", o => o.Replication.ReadTimeoutSlack, Seconds(10), Ms(0), Ms(3_600_000)),
        new("runtime_seed.replication.owner_connect_timeout_ms", o => o.Replication.OwnerConnectTimeout, Seconds(5), Ms(1), Ms(3_600_000)),
        new("runtime_seed.replication.stream_enabled", o => o.Replication.StreamEnabled, true, False, True, "FIBRIL_REPLICATION_STREAM_ENABLED"),
        new("runtime_seed.replication.stream_apply_linger_us", o => o.Replication.StreamApplyLinger, TimeSpan.FromMilliseconds(2), Us(0), Us(1_000_000)),
        new("runtime_seed.replication.stream_apply_max_merge_bytes", o => o.Replication.StreamApplyMaxMergeBytes, 16L << 20, Long(1), Long(1 << 30)),
        new("runtime_seed.replication.stream_buffer_batches", o => o.Replication.StreamBufferBatches, 8, Int(1), Int(65_536)),

        new("runtime_seed.partitioning.default_partition_count", o => o.Delivery.DefaultPartitionCount, 1, Int(2), Int(1024), Needs: ["broker.max_partition_count=65536"]),
        new("runtime_seed.consumer_groups.default_target_per_consumer", o => o.Cohorts.DefaultTargetPerConsumer, 0, Int(1), Int(65_536)),
        new("runtime_seed.stream.cursor_commit_window_us", o => o.Streams.CursorCommitWindow, TimeSpan.FromMicroseconds(100), Us(0), Us(1_000_000)),
        new("runtime_seed.stream.cursor_commit_max_batch", o => o.Streams.CursorCommitMaxBatch, 1024, Int(1), Int(4096)),
        new("runtime_seed.stream.idle_evict_enabled", o => o.Streams.IdleEvictEnabled, false, True, False),
        new("runtime_seed.stream.idle_evict_after_ms", o => o.Streams.IdleEvictAfter, TimeSpan.FromMinutes(10), Ms(0), Ms(604_800_000)),
        new("runtime_seed.stream.idle_sweep_interval_ms", o => o.Streams.IdleSweepInterval, TimeSpan.FromMinutes(1), Ms(1), Ms(86_400_000)),

        .. new[] { "delivery", "idle_queue_cleanup", "connection", "replication", "partitioning", "consumer_groups", "stream" }.Select(group =>
            new SettingSample($"runtime_locks.{group}", o => o.RuntimeLocks.Contains(group), false, True, False)),
    ];

    public static SettingSample Find(string key) => All.Single(sample => sample.Key == key);

    private static SampleValue True => new("true", "true", true);

    private static SampleValue False => new("false", "false", false);

    private static SampleValue Int(int value) => new($"{value}", $"{value}", value);

    private static SampleValue Long(long value) => new($"{value}", $"{value}", value);

    private static SampleValue Ms(long value) => new($"{value}", $"{value}", TimeSpan.FromMilliseconds(value));

    private static SampleValue Us(long value) => new($"{value}", $"{value}", TimeSpan.FromMicroseconds(value));

    private static SampleValue Text(string value) => new(value, $"\"{value}\"", value);

    private static SampleValue Text(string expected, string written) => new(written, written, expected);

    private static SampleValue Name(string text, object expected) => new(text, $"\"{text}\"", expected);

    private static SampleValue Address(string text) => new(text, $"\"{text}\"", EndPoint(text));

    private static SampleValue Users(string name)
    {
        string list = $$"""[{ username = "{{name}}", password = "pw-{{name}}" }]""";
        return new SampleValue(list, list, $"{name}:pw-{name}");
    }

    private static TimeSpan Seconds(int value) => TimeSpan.FromSeconds(value);

    private static IPEndPoint EndPoint(string text) => IPEndPoint.Parse(text);
}
