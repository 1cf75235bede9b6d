namespace Fibril.Broker.Queues.Cohorts;

/// <summary>Who gets which partition of a queue that has a cohort. Immutable.</summary>
/// <param name="Cohort">The cohort's id.</param>
/// <param name="Generation">Larger than that of every earlier plan.</param>
/// <param name="Assignment">Partition to member; a partition that is missing is delivered to nobody.</param>
internal sealed record CohortPlan(string Cohort, ulong Generation, IReadOnlyDictionary<int, Guid> Assignment)
{
    public Guid? MemberOf(int partition) => Assignment.TryGetValue(partition, out Guid member) ? member : null;
}
