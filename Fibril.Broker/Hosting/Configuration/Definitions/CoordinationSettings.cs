using static Fibril.Broker.Hosting.Configuration.Define;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The broker as a member of a cluster. Checked also while it stands alone, so that a file can be prepared.</summary>
internal static class CoordinationSettings
{
    public static IEnumerable<SettingDefinition> All => [.. Membership, .. Consensus, .. Durability, .. Raft, .. ForwardedWrites];

    private static SettingDefinition[] Membership =>
    [
        Scalar(Settings.Coordination, Kind.OneOf<CoordinationMode>(),
            "Whether this broker stands alone, static, or is one of a cluster, ganglion; this version has static only.",
            options => options.Coordination.Mode, (options, value) => options.Coordination.Mode = value,
            "FIBRIL_COORDINATION_MODE"),
        Scalar("coordination.node_id", Kind.Name,
            "Name of this broker, unique in the cluster.",
            options => options.Coordination.NodeId, (options, value) => options.Coordination.NodeId = value,
            "FIBRIL_COORDINATION_NODE_ID"),
        Scalar("coordination.secret_path", Kind.OptionalPath("cluster.secret in the data directory"),
            "File with the secret that brokers of a cluster share; FIBRIL_CLUSTER_SECRET, the secret itself, comes before it.",
            options => options.Coordination.SecretPath, (options, value) => options.Coordination.SecretPath = value,
            "FIBRIL_CLUSTER_SECRET_PATH"),
    ];

    private static SettingDefinition[] Consensus =>
    [
        Scalar(Settings.RaftNodeId, Kind.Number(1, long.MaxValue),
            "Number of this node among the voters.",
            options => options.Coordination.Ganglion.RaftNodeId, (options, value) => options.Coordination.Ganglion.RaftNodeId = value,
            "FIBRIL_COORDINATION_RAFT_ID"),
        Scalar(Settings.CoordinationListen, Kind.Endpoint,
            "Address and port of the consensus listener.",
            options => options.Coordination.Ganglion.Listen, (options, value) => options.Coordination.Ganglion.Listen = value,
            "FIBRIL_COORDINATION_LISTEN"),
        Scalar(Settings.Peers, Kind.Peers,
            "Every voter including this one, by its number.",
            options => options.Coordination.Ganglion.Peers, (options, value) => options.Coordination.Ganglion.Peers = value,
            "FIBRIL_COORDINATION_PEERS"),
        Scalar("coordination.ganglion.endpoints", Kind.HostPorts,
            "Coordinators that run apart; without any, the one inside this broker.",
            options => options.Coordination.Ganglion.Endpoints, (options, value) => options.Coordination.Ganglion.Endpoints = value),
        Scalar("coordination.ganglion.bootstrap", Kind.Boolean,
            "True at the first start of exactly one node.",
            options => options.Coordination.Ganglion.Bootstrap, (options, value) => options.Coordination.Ganglion.Bootstrap = value,
            "FIBRIL_COORDINATION_BOOTSTRAP"),
        Scalar("coordination.ganglion.data_dir", Kind.OptionalPath("coordination in the data directory"),
            "Directory of the consensus state.",
            options => options.Coordination.Ganglion.DataDirectory, (options, value) => options.Coordination.Ganglion.DataDirectory = value),
        Scalar("coordination.ganglion.wire_format", Kind.OneOf<CoordinationWireFormat>(),
            "How coordinators encode what they send.",
            options => options.Coordination.Ganglion.WireFormat, (options, value) => options.Coordination.Ganglion.WireFormat = value,
            "FIBRIL_COORDINATION_WIRE_FORMAT"),
        Scalar(Settings.NodeHeartbeat, Kind.Duration(OneMillisecond, OneHour),
            "How often a broker says that it is alive.",
            options => options.Coordination.Ganglion.HeartbeatInterval, (options, value) => options.Coordination.Ganglion.HeartbeatInterval = value,
            "FIBRIL_COORDINATION_HEARTBEAT_INTERVAL_MS"),
        Scalar(Settings.LivenessTtl, Kind.Duration(OneMillisecond, OneHour),
            "Silence after which a broker counts as dead; at least two heartbeats.",
            options => options.Coordination.Ganglion.LivenessTtl, (options, value) => options.Coordination.Ganglion.LivenessTtl = value,
            "FIBRIL_COORDINATION_LIVENESS_TTL_MS"),
        Scalar("coordination.ganglion.target_followers", Kind.Count(0, 16),
            "Followers of a queue partition.",
            options => options.Coordination.Ganglion.TargetFollowers, (options, value) => options.Coordination.Ganglion.TargetFollowers = value),
        Scalar("coordination.ganglion.stream_replication_factor", Kind.Count(0, 16),
            "Followers of a durable stream partition; 0 for the owner alone.",
            options => options.Coordination.Ganglion.StreamReplicationFactor,
            (options, value) => options.Coordination.Ganglion.StreamReplicationFactor = value),
        Scalar("coordination.ganglion.controller_tick_ms", Kind.Duration(OneMillisecond, OneHour),
            "Time between two placement passes.",
            options => options.Coordination.Ganglion.ControllerTick, (options, value) => options.Coordination.Ganglion.ControllerTick = value),
        Scalar("coordination.ganglion.repartition_adoption_timeout_ms", Kind.Duration(TimeSpan.Zero, OneHour),
            "Longest wait for clients to adopt a routing before a repartition finishes.",
            options => options.Coordination.Ganglion.RepartitionAdoptionTimeout,
            (options, value) => options.Coordination.Ganglion.RepartitionAdoptionTimeout = value),
    ];

    private static SettingDefinition[] Durability =>
    [
        Scalar(Settings.DurabilityMode, Kind.OneOf<AssignmentDurability>(),
            "What a confirmed publish waits for; its variable takes mode:nodes, and local and majority as short names.",
            options => options.Coordination.Ganglion.Durability, (options, value) => options.Coordination.Ganglion.Durability = value,
            DurabilityVariable.Name),
        Scalar(Settings.DurabilityNodes, Kind.Optional(Kind.Count(1, 17), "none"),
            "Nodes including the owner that the replica modes wait for.",
            options => options.Coordination.Ganglion.DurabilityNodes, (options, value) => options.Coordination.Ganglion.DurabilityNodes = value),
    ];

    private static SettingDefinition[] Raft =>
    [
        Scalar(Settings.RaftHeartbeat, Kind.Duration(OneMillisecond, OneMinute),
            "How often the leader of the voters says that it is there.",
            options => options.Coordination.Ganglion.Raft.HeartbeatInterval,
            (options, value) => options.Coordination.Ganglion.Raft.HeartbeatInterval = value,
            "FIBRIL_COORDINATION_RAFT_HEARTBEAT_INTERVAL_MS"),
        Scalar(Settings.ElectionTimeoutMin, Kind.Duration(2 * OneMillisecond, OneHour / 2),
            "Least silence of the leader after which a voter wants an election; more than a heartbeat.",
            options => options.Coordination.Ganglion.Raft.ElectionTimeoutMin,
            (options, value) => options.Coordination.Ganglion.Raft.ElectionTimeoutMin = value,
            "FIBRIL_COORDINATION_RAFT_ELECTION_TIMEOUT_MIN_MS"),
        Scalar(Settings.ElectionTimeoutMax, Kind.Duration(3 * OneMillisecond, OneHour),
            "Most silence of the leader before a voter wants an election; more than the least.",
            options => options.Coordination.Ganglion.Raft.ElectionTimeoutMax,
            (options, value) => options.Coordination.Ganglion.Raft.ElectionTimeoutMax = value,
            "FIBRIL_COORDINATION_RAFT_ELECTION_TIMEOUT_MAX_MS"),
    ];

    private static SettingDefinition[] ForwardedWrites =>
    [
        Scalar("coordination.ganglion.forwarded_write.redirect_limit", Kind.Count(1, 1000),
            "Most nodes that are asked in turn for the leader.",
            options => options.Coordination.Ganglion.ForwardedWrite.RedirectLimit,
            (options, value) => options.Coordination.Ganglion.ForwardedWrite.RedirectLimit = value,
            "FIBRIL_COORDINATION_FORWARDED_WRITE_REDIRECT_LIMIT"),
        Scalar("coordination.ganglion.forwarded_write.no_leader_retries", Kind.Count(0, 1000),
            "Tries while there is no leader.",
            options => options.Coordination.Ganglion.ForwardedWrite.NoLeaderRetries,
            (options, value) => options.Coordination.Ganglion.ForwardedWrite.NoLeaderRetries = value,
            "FIBRIL_COORDINATION_FORWARDED_WRITE_NO_LEADER_RETRIES"),
        Scalar(Settings.BaseBackoff, Kind.Duration(OneMillisecond, OneMinute),
            "First pause between such tries.",
            options => options.Coordination.Ganglion.ForwardedWrite.NoLeaderBaseBackoff,
            (options, value) => options.Coordination.Ganglion.ForwardedWrite.NoLeaderBaseBackoff = value,
            "FIBRIL_COORDINATION_FORWARDED_WRITE_NO_LEADER_BASE_BACKOFF_MS"),
        Scalar(Settings.MaxBackoff, Kind.Duration(OneMillisecond, OneMinute),
            "Longest pause between such tries.",
            options => options.Coordination.Ganglion.ForwardedWrite.NoLeaderMaxBackoff,
            (options, value) => options.Coordination.Ganglion.ForwardedWrite.NoLeaderMaxBackoff = value,
            "FIBRIL_COORDINATION_FORWARDED_WRITE_NO_LEADER_MAX_BACKOFF_MS"),
    ];
}
