using System.Net;

namespace Fibril.Broker.Hosting;

/// <summary>Whether a broker stands alone.</summary>
internal enum CoordinationMode
{
    Static,

    /// <summary>As one of several, with coordinators between them.</summary>
    Ganglion,
}

/// <summary>How coordinators encode what they send; what they receive says so itself.</summary>
internal enum CoordinationWireFormat
{
    Msgpack,
    Json,
}

/// <summary>What a confirmed publish waits for.</summary>
internal enum AssignmentDurability
{
    /// <summary>The owner has it on its disk.</summary>
    LocalDurable,

    /// <summary>So many nodes have received it.</summary>
    ReplicaAccepted,

    /// <summary>So many nodes have it on their disks.</summary>
    ReplicaDurable,

    /// <summary>A majority of the replicas has it on its disks.</summary>
    MajorityDurable,
}

/// <summary>The broker as a member of a cluster. The keys live under <c>coordination</c>.</summary>
internal sealed class CoordinationOptions
{
    /// <summary>Default standalone.</summary>
    public CoordinationMode Mode { get; set; }

    /// <summary>Name of this broker, unique in the cluster; default <c>local</c>.</summary>
    public string NodeId { get; set; } = "local";

    /// <summary>File with the cluster secret; null for <c>cluster.secret</c> in the data directory, when that exists.</summary>
    public string? SecretPath { get; set; }

    public GanglionOptions Ganglion { get; } = new();
}

/// <summary>Consensus and placement. The keys live under <c>coordination.ganglion</c>.</summary>
internal sealed class GanglionOptions
{
    /// <summary>Number of this node among the voters; at least 1, default 1.</summary>
    public long RaftNodeId { get; set; } = 1;

    /// <summary>Address and port of the consensus listener; default loopback, port 7301.</summary>
    public IPEndPoint Listen { get; set; } = new(IPAddress.Loopback, 7301);

    /// <summary>Every voter including this one, as <c>host:port</c> by number; default none.</summary>
    public IReadOnlyDictionary<long, string> Peers { get; set; } = new Dictionary<long, string>();

    /// <summary>Coordinators that run apart, as <c>host:port</c>; none, the default, for the one inside this broker.</summary>
    public IReadOnlyList<string> Endpoints { get; set; } = [];

    /// <summary>True at the first start of exactly one node; default false.</summary>
    public bool Bootstrap { get; set; }

    /// <summary>Directory of the consensus state; null for <c>coordination</c> in the data directory.</summary>
    public string? DataDirectory { get; set; }

    public CoordinationWireFormat WireFormat { get; set; }

    /// <summary>How often a broker says that it is alive; 1 ms to 1 h, default 3 s (C-3).</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Silence after which a broker counts as dead, at least two heartbeats; 1 ms to 1 h, default 9 s (C-4).</summary>
    public TimeSpan LivenessTtl { get; set; } = TimeSpan.FromSeconds(9);

    /// <summary>Followers of a queue partition; 0 to 16, default 1 (C-23).</summary>
    public int TargetFollowers { get; set; } = 1;

    /// <summary>Followers of a durable stream partition; 0 to 16, default 1 (C-23).</summary>
    public int StreamReplicationFactor { get; set; } = 1;

    /// <summary>Time between two placement passes; 1 ms to 1 h, default 2 s.</summary>
    public TimeSpan ControllerTick { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest wait for clients to adopt a routing before a repartition finishes; 0 to 1 h, default 30 s (C-99).</summary>
    public TimeSpan RepartitionAdoptionTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Default local (C-65).</summary>
    public AssignmentDurability Durability { get; set; }

    /// <summary>Nodes including the owner that the replica modes of <see cref="Durability"/> wait for; 1 to 17, null for the other modes.</summary>
    public int? DurabilityNodes { get; set; }

    public RaftOptions Raft { get; } = new();

    public ForwardedWriteOptions ForwardedWrite { get; } = new();
}

/// <summary>Timing of the consensus. The keys live under <c>coordination.ganglion.raft</c>.</summary>
internal sealed class RaftOptions
{
    /// <summary>1 ms to 1 min, default 250 ms.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>More than a heartbeat; 2 ms to 30 min, default 1.5 s.</summary>
    public TimeSpan ElectionTimeoutMin { get; set; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>More than the least; 3 ms to 1 h, default 3 s.</summary>
    public TimeSpan ElectionTimeoutMax { get; set; } = TimeSpan.FromSeconds(3);
}

/// <summary>How a change of the cluster state reaches the leader. The keys live under <c>coordination.ganglion.forwarded_write</c>.</summary>
internal sealed class ForwardedWriteOptions
{
    /// <summary>Most nodes asked in turn for the leader; 1 to 1,000, default 16.</summary>
    public int RedirectLimit { get; set; } = 16;

    /// <summary>Tries while there is no leader; 0 to 1,000, default 6.</summary>
    public int NoLeaderRetries { get; set; } = 6;

    /// <summary>First pause between such tries; 1 ms to 1 min, default 25 ms.</summary>
    public TimeSpan NoLeaderBaseBackoff { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Longest pause between such tries; 1 ms to 1 min, default 250 ms.</summary>
    public TimeSpan NoLeaderMaxBackoff { get; set; } = TimeSpan.FromMilliseconds(250);
}
