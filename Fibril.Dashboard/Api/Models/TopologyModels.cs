namespace Fibril.Dashboard.Api.Models;

/// <summary>The nodes, and what they own: <c>GET /admin/api/topology</c>.</summary>
public sealed record BrokerTopology(Coordination Coordination);

/// <summary>What the nodes agree on. A broker that stands alone is one node, of generation 0.</summary>
public sealed record Coordination(string NodeId, long Generation, IReadOnlyList<TopologyNode> Nodes);

/// <summary>One broker.</summary>
public sealed record TopologyNode(string NodeId, string BrokerAddr, string? AdminAddr, bool Live, double? RatePub, double? RateDlv, NodeRuntime Runtime);

/// <summary>What it runs.</summary>
/// <param name="Version">Of the broker.</param>
/// <param name="StartedAtMs">Unix milliseconds.</param>
/// <param name="Tls"><c>off</c>, <c>tls</c> or <c>mtls</c>.</param>
/// <param name="CertNotAfterUnix">End of the certificate in Unix seconds.</param>
public sealed record NodeRuntime(string Version, long StartedAtMs, string Tls, long? CertNotAfterUnix);

/// <summary>Whether a drain was asked for: <c>GET /admin/api/drain</c>.</summary>
public sealed record DrainState(bool Draining, long? SinceMs, long? GraceMs, string? Message);

/// <summary>The answer of <c>POST /admin/api/drain</c>.</summary>
public sealed record DrainAnswer(int ConnectionsNotified, int OwnedPartitionsRemaining, bool HandoffComplete, long HandoffWaitedMs, string Handoff);
