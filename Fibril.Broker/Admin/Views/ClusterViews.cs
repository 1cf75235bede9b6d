using Fibril.Broker.Channels;

namespace Fibril.Broker.Admin.Views;

/// <summary>The nodes and what they own (admin-api 14.1); a broker that stands alone is one node.</summary>
internal sealed record TopologyView(CoordinationView Coordination, object? Consensus);

/// <summary>The committed view of the cluster.</summary>
internal sealed record CoordinationView(
    string NodeId, long Generation, IReadOnlyList<NodeView> Nodes, IReadOnlyList<object> Assignments, IReadOnlyList<object> StreamAssignments);

/// <summary>One broker.</summary>
internal sealed record NodeView(
    string NodeId, string BrokerAddr, string? AdminAddr, bool Live, long? RaftId, double? RatePub, double? RateDlv, NodeRuntimeView Runtime);

/// <summary>What a broker runs.</summary>
/// <param name="Version">Of the broker.</param>
/// <param name="StartedAtMs">Unix milliseconds.</param>
/// <param name="Tls"><c>off</c>, <c>tls</c> or <c>mtls</c>.</param>
/// <param name="CertNotAfterUnix">End of the certificate in Unix seconds.</param>
internal sealed record NodeRuntimeView(
    string Version, long StartedAtMs, string Tls,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] long? CertNotAfterUnix);

/// <summary>The body of <c>POST /admin/api/coordination/membership/add-voting-member</c>.</summary>
internal sealed record AddMemberBody(ulong Id, string Addr);

/// <summary>The body of <c>POST /admin/api/coordination/membership/remove-voting-member</c>.</summary>
internal sealed record RemoveMemberBody(ulong Id);

/// <summary>The body of <c>POST /admin/api/repartition</c>.</summary>
internal sealed record RepartitionBody(string Topic, int PartitionCount, string? Group = null);

/// <summary>The body of <c>POST /admin/api/drain</c>.</summary>
/// <param name="GraceMs">How long clients are told that the broker goes on serving, in milliseconds; 0 to 1 day.</param>
/// <param name="Message">For people.</param>
internal sealed record DrainBody(long GraceMs = 30_000, string? Message = null);

/// <summary>The answer of a drain.</summary>
/// <param name="ConnectionsNotified">Clients that were told.</param>
/// <param name="OwnedPartitionsRemaining">0 for a broker that stands alone: nobody else could own any.</param>
/// <param name="HandoffComplete">False for a broker that stands alone.</param>
/// <param name="HandoffWaitedMs">0 for a broker that stands alone.</param>
/// <param name="Handoff"><c>not_applicable</c> for a broker that stands alone.</param>
internal sealed record DrainView(int ConnectionsNotified, int OwnedPartitionsRemaining, bool HandoffComplete, long HandoffWaitedMs, string Handoff);

/// <summary>Whether a drain was asked for.</summary>
internal sealed record DrainStateView(bool Draining, long? SinceMs, long? GraceMs, string? Message);

/// <summary>The partitions that are quarantined (admin-api 15.1).</summary>
internal sealed record QuarantineView(string Policy, IReadOnlyList<QuarantinedPartitionView> Quarantined)
{
    public static string NameOf(MismatchPolicy policy) => policy switch
    {
        MismatchPolicy.Refuse => "refuse",
        MismatchPolicy.Ignore => "ignore",
        _ => "quarantine",
    };
}

/// <summary>One of them.</summary>
/// <param name="Topic">The channel.</param>
/// <param name="Partition">Which partition.</param>
/// <param name="Group">The channel.</param>
/// <param name="Reason">What is damaged.</param>
/// <param name="Kind"><c>queue</c> or <c>stream</c>.</param>
/// <param name="File">The damaged file.</param>
/// <param name="FirstBadByte">First byte that cannot be read.</param>
/// <param name="EndByte">Where the next good record starts, or the file ends.</param>
/// <param name="FirstBadOffset">First offset that cannot be read; null when the file holds no records.</param>
/// <param name="EndOffset">First offset behind the damage that can be read; null when nobody knows.</param>
/// <param name="RecordsToDrop">Records that a repair gives up; null when nobody knows.</param>
internal sealed record QuarantinedPartitionView(
    string Topic, int Partition, string? Group, string Reason, string Kind, string File, long FirstBadByte, long EndByte, long? FirstBadOffset, long? EndOffset, long? RecordsToDrop);

/// <summary>The answer of a repair.</summary>
internal sealed record RepairedView(bool Repaired, string Topic, string? Group, int Partition, IReadOnlyList<RepairStepView> Steps);

/// <summary>One thing that a repair found and did.</summary>
internal sealed record RepairStepView(string Damage, string Action, long? LostRecords);

/// <summary>The body of <c>POST /admin/api/publish</c>.</summary>
/// <param name="Topic">Where to.</param>
/// <param name="Text">The payload.</param>
/// <param name="Group">Where to.</param>
/// <param name="ContentType"><c>text</c>, <c>json</c>, <c>xml</c>, or any MIME text.</param>
internal sealed record TestPublishBody(string Topic, string Text, string? Group = null, string? ContentType = null);

/// <summary>The answer of it.</summary>
internal sealed record TestPublishView(int Partition, string Kind, long Offset);
