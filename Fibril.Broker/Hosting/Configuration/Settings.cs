namespace Fibril.Broker.Hosting.Configuration;

/// <summary>Every setting of this version, section by section. Ranges are those in the docs of the options classes.</summary>
internal static class Settings
{
    public const string BrokerBind = "broker.listener.bind";
    public const string MaxPartitionCount = "broker.max_partition_count";
    public const string AdminBind = "admin.listener.bind";
    public const string AdminAuthEnabled = "admin.auth.enabled";
    public const string AdminPassword = "admin.auth.password";
    public const string AdminPasswordFile = "admin.auth.password_file";
    public const string AllowUnauthenticated = "admin.auth.allow_unauthenticated";
    public const string SessionIdleTimeout = "admin.auth.session_idle_timeout_ms";
    public const string SessionAbsoluteTimeout = "admin.auth.session_absolute_timeout_ms";
    public const string AllowDefaultLoopback = "auth.allow_default_loopback";
    public const string SeedUsers = "auth.seed_users";
    public const string TlsEnabled = "tls.enabled";
    public const string TlsCertificate = "tls.cert_path";
    public const string TlsKey = "tls.key_path";
    public const string TlsAutoSelfSigned = "tls.auto_self_signed";
    public const string TlsAdminEnabled = "tls.admin_enabled";
    public const string TlsInterBroker = "tls.inter_broker";
    public const string TlsClientAuth = "tls.client_auth";
    public const string TlsAdminClientAuth = "tls.admin_client_auth";
    public const string TlsClientCa = "tls.client_ca_path";
    public const string SyncInterval = "storage.keratin.fsync_interval_ms";
    public const string BatchLinger = "storage.keratin.batch_linger_ms";
    public const string PipelineCommitRecords = "storage.keratin.pipeline_commit_records";
    public const string SetupMode = "setup.mode";
    public const string Coordination = "coordination.mode";
    public const string RaftNodeId = "coordination.ganglion.raft_node_id";
    public const string CoordinationListen = "coordination.ganglion.listen";
    public const string Peers = "coordination.ganglion.peers";
    public const string NodeHeartbeat = "coordination.ganglion.heartbeat_interval_ms";
    public const string LivenessTtl = "coordination.ganglion.liveness_ttl_ms";
    public const string DurabilityMode = "coordination.ganglion.assignment_durability.mode";
    public const string DurabilityNodes = "coordination.ganglion.assignment_durability.nodes";
    public const string RaftHeartbeat = "coordination.ganglion.raft.heartbeat_interval_ms";
    public const string ElectionTimeoutMin = "coordination.ganglion.raft.election_timeout_min_ms";
    public const string ElectionTimeoutMax = "coordination.ganglion.raft.election_timeout_max_ms";
    public const string BaseBackoff = "coordination.ganglion.forwarded_write.no_leader_base_backoff_ms";
    public const string MaxBackoff = "coordination.ganglion.forwarded_write.no_leader_max_backoff_ms";
    public const string CleanupEnabled = "runtime_seed.idle_queue_cleanup.enabled";
    public const string CleanupEvictAfter = "runtime_seed.idle_queue_cleanup.evict_after_ms";
    public const string DefaultPartitionCount = "runtime_seed.partitioning.default_partition_count";

    public static IReadOnlyList<SettingDefinition> All { get; } =
    [
        .. ServerSettings.All, .. AdminSettings.All, .. SecuritySettings.All, .. StorageSettings.All, .. SetupSettings.All, .. CoordinationSettings.All,
        .. SeedSettings.All, .. LockSettings.All,
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

    private static IEnumerable<string> SectionsAround(string key)
    {
        for (int dot = key.IndexOf('.'); dot > 0; dot = key.IndexOf('.', dot + 1)) yield return key[..dot];
    }
}
