namespace Fibril.Broker.Queues.Cohorts;

/// <summary>One member as the planner sees it.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Target">Most partitions it would like to have; null for no wish (G-24).</param>
/// <param name="Reach">The partitions it is subscribed to, and so can be given.</param>
internal sealed record CohortMember(Guid Id, int? Target, IReadOnlySet<int> Reach);
