using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.Cohorts;

/// <summary>The exclusive consumer group of one queue: its members, and the plan for them. Belongs to the registry's lock.</summary>
internal sealed class Cohort(QueueName queue, string id)
{
    private static readonly Dictionary<int, Guid> Nothing = [];

    private readonly List<Membership> _memberships = [];

    public QueueName Queue { get; } = queue;

    public string Id { get; } = id;

    public CohortPlan? Plan { get; private set; }

    public bool IsEmpty => _memberships.Count == 0;

    public void Add(Membership membership) => _memberships.Add(membership);

    /// <summary>Removes a subscription; false when it was not there.</summary>
    public bool Remove(Membership membership) => _memberships.Remove(membership);

    /// <summary>Removes every subscription of a session; false when there were none.</summary>
    public bool RemoveAll(IAssignmentSink sink) => _memberships.RemoveAll(membership => membership.Sink == sink) > 0;

    public bool HasAnyOf(IAssignmentSink sink) => _memberships.Exists(membership => membership.Sink == sink);

    /// <summary>Plans anew; true when the plan is another one.</summary>
    public bool Replan(int? defaultTarget, ulong nextGeneration)
    {
        IReadOnlyDictionary<int, Guid> before = Plan?.Assignment ?? Nothing;
        IReadOnlyDictionary<int, Guid> after = CohortPlanner.Plan(Members(defaultTarget), before);
        if (Plan is not null && before.Count == after.Count && before.All(pair => after.TryGetValue(pair.Key, out Guid owner) && owner == pair.Value))
            return false;
        Plan = new CohortPlan(Id, nextGeneration, after);
        return true;
    }

    /// <summary>What every member has now, to be told without the lock. Who is told the same twice passes it over.</summary>
    public IEnumerable<Action> Announcements()
    {
        if (Plan is not { } plan) return [];
        ILookup<Guid, int> partitions = plan.Assignment.ToLookup(static pair => pair.Value, static pair => pair.Key);
        return
        [
            .. _memberships.Select(static membership => (membership.MemberId, membership.Sink)).Distinct().Select(told =>
            {
                int[] assigned = [.. partitions[told.MemberId].Order()];
                return (Action)(() => told.Sink.Assigned(Queue, Id, plan.Generation, assigned));
            }),
        ];
    }

    public CohortReport Report(int? defaultTarget, int partitionCount)
    {
        CohortMember[] members = [.. Members(defaultTarget)];
        CohortPlan? plan = Plan;
        return new CohortReport(
            Queue, Id, plan?.Generation ?? 0,
            [
                .. members.Select(member => new MemberReport(
                    member.Id, member.Target, [.. member.Reach.Order()],
                    [.. (plan?.Assignment ?? Nothing).Where(pair => pair.Value == member.Id).Select(static pair => pair.Key).Order()])),
            ],
            partitionCount,
            [.. Enumerable.Range(0, partitionCount).Where(partition => plan?.MemberOf(partition) is null)],
            members.Length > 0 && members.All(static member => member.Target is not null)
                && members.Sum(static member => (long)member.Target!.Value) < partitionCount);
    }

    private IEnumerable<CohortMember> Members(int? defaultTarget) => _memberships
        .GroupBy(static membership => membership.MemberId)
        .OrderBy(static group => group.Key)
        .Select(group => new CohortMember(
            group.Key, group.Last().Target ?? defaultTarget, group.Select(static membership => membership.Partition).ToHashSet()));
}
