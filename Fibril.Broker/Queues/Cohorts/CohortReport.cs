using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.Cohorts;

/// <summary>A cohort as operators see it (G-46).</summary>
/// <param name="Queue">Its queue.</param>
/// <param name="Cohort">Its id.</param>
/// <param name="Generation">Of the plan in force.</param>
/// <param name="Members">Its members, by id.</param>
/// <param name="PartitionCount">Partitions of the queue.</param>
/// <param name="Uncovered">Partitions that nobody has: no member is subscribed to them.</param>
/// <param name="IsUnderProvisioned">True when the members' targets together are below the number of partitions (G-25).</param>
internal sealed record CohortReport(
    QueueName Queue,
    string Cohort,
    ulong Generation,
    IReadOnlyList<MemberReport> Members,
    int PartitionCount,
    IReadOnlyList<int> Uncovered,
    bool IsUnderProvisioned);

/// <summary>A member of a cohort as operators see it.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Target">The target in effect; null for none.</param>
/// <param name="Subscribed">The partitions it is subscribed to.</param>
/// <param name="Assigned">The partitions it has.</param>
internal sealed record MemberReport(Guid Id, int? Target, IReadOnlyList<int> Subscribed, IReadOnlyList<int> Assigned);
