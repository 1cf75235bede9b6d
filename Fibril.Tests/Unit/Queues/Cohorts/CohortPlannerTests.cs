using Fibril.Broker.Queues.Cohorts;

namespace Fibril.Tests.Unit.Queues.Cohorts;

/// <summary>The planner of exclusive consumer groups, as properties of random cohorts: section 7.3.</summary>
public sealed class CohortPlannerTests
{
    [Fact] // G-20, COH-3
    public void Every_partition_that_a_member_is_subscribed_to_is_assigned_to_one_that_is()
    {
        ForAll(500, static random =>
        {
            CohortMember[] members = RandomMembers(random, subscribedToAll: false);
            IReadOnlyDictionary<int, Guid> plan = CohortPlanner.Plan(members, RandomPlan(random, members));
            Assert.Equal(members.SelectMany(static member => member.Reach).Distinct().Order(), plan.Keys.Order());
            foreach ((int partition, Guid owner) in plan) Assert.Contains(partition, members.Single(member => member.Id == owner).Reach);
        });
    }

    [Fact] // G-21
    public void Without_targets_no_two_members_differ_by_more_than_one()
    {
        ForAll(500, static random =>
        {
            CohortMember[] members = RandomMembers(random, targets: false);
            int[] loads = Loads(members, CohortPlanner.Plan(members, RandomPlan(random, members)));
            Assert.InRange(loads.Max() - loads.Min(), 0, 1);
        });
    }

    [Fact] // G-22
    public void As_few_partitions_move_as_can_be()
    {
        ForAll(500, static random =>
        {
            CohortMember[] members = RandomMembers(random, targets: false);
            Dictionary<int, Guid> before = RandomPlan(random, members);
            IReadOnlyDictionary<int, Guid> after = CohortPlanner.Plan(members, before);

            // Whoever has most keeps the larger shares; what is over them has to move, and nothing else.
            int[] had = [.. members.Select(member => before.Count(pair => pair.Value == member.Id && member.Reach.Contains(pair.Key))).OrderDescending()];
            int count = after.Count;
            int kept = had.Select((load, rank) => Math.Min(load, (count / members.Length) + (rank < count % members.Length ? 1 : 0))).Sum();
            Assert.Equal(kept, after.Count(pair => before.TryGetValue(pair.Key, out Guid owner) && owner == pair.Value));
        });
    }

    [Fact] // G-22: a change that needs no move moves none
    public void A_plan_that_is_made_again_is_the_same()
    {
        ForAll(500, static random =>
        {
            CohortMember[] members = RandomMembers(random, subscribedToAll: random.Next(2) == 0);
            IReadOnlyDictionary<int, Guid> once = CohortPlanner.Plan(members, RandomPlan(random, members));
            Assert.Equal(once.OrderBy(static pair => pair.Key), CohortPlanner.Plan(members, once).OrderBy(static pair => pair.Key));
        });
    }

    [Fact] // G-26
    public void The_order_in_which_members_are_named_does_not_matter()
    {
        ForAll(500, static random =>
        {
            CohortMember[] members = RandomMembers(random, subscribedToAll: false);
            Dictionary<int, Guid> before = RandomPlan(random, members);
            IReadOnlyDictionary<int, Guid> plan = CohortPlanner.Plan(members, before);
            random.Shuffle(members);
            var shuffled = before.OrderBy(_ => random.Next()).ToDictionary();
            Assert.Equal(plan.OrderBy(static pair => pair.Key), CohortPlanner.Plan(members, shuffled).OrderBy(static pair => pair.Key));
        });
    }

    [Fact] // G-24
    public void Nobody_has_more_than_it_wishes_while_another_would_like_more()
    {
        ForAll(500, static random =>
        {
            CohortMember[] members = RandomMembers(random);
            IReadOnlyDictionary<int, Guid> plan = CohortPlanner.Plan(members, RandomPlan(random, members));
            int[] loads = Loads(members, plan);
            bool somebodyWouldTakeMore = members.Where((member, i) => member.Target is not { } target || loads[i] < target).Any();
            if (!somebodyWouldTakeMore) return;
            for (int i = 0; i < members.Length; i++) Assert.True(members[i].Target is not { } target || loads[i] <= target);
        });
    }

    [Theory]
    [InlineData(8, new[] { 2, 0 }, new[] { 2, 6 })] // the wish of one, the rest for the other
    [InlineData(8, new[] { 1, 3 }, new[] { 3, 5 })] // more than both wish: what is over is shared (G-24: coverage wins)
    [InlineData(4, new[] { 3, 3 }, new[] { 2, 2 })]
    [InlineData(2, new[] { 0, 0, 0 }, new[] { 0, 1, 1 })] // one stands by (G-23)
    [InlineData(1, new[] { 0, 0 }, new[] { 0, 1 })]
    public void Loads_are_what_the_targets_ask_for(int partitions, int[] targets, int[] expected)
    {
        CohortMember[] members = [.. targets.Select(target => new CohortMember(Guid.NewGuid(), target == 0 ? null : target, Enumerable.Range(0, partitions).ToHashSet()))];
        Assert.Equal(expected, Loads(members, CohortPlanner.Plan(members, new Dictionary<int, Guid>())).Order());
    }

    [Fact] // G-20 before G-21, when members are not subscribed to everything
    public void A_chain_of_hand_overs_evens_out_what_no_single_one_could()
    {
        var ids = Enumerable.Range(1, 3).Select(static i => new Guid(i, 0, 0, new byte[8])).ToArray();
        CohortMember[] members = [new(ids[0], null, new HashSet<int> { 0, 1, 2, 3 }), new(ids[1], null, new HashSet<int> { 3, 4, 5 }), new(ids[2], null, new HashSet<int> { 5 })];
        var before = new Dictionary<int, Guid> { [0] = ids[0], [1] = ids[0], [2] = ids[0], [3] = ids[0], [4] = ids[1], [5] = ids[1] };
        IReadOnlyDictionary<int, Guid> after = CohortPlanner.Plan(members, before);
        Assert.Equal([3, 2, 1], Loads(members, after));
        Assert.Equal((ids[1], ids[2]), (after[3], after[5]));
    }

    [Fact] // G-23, G-30
    public void The_partitions_of_a_member_that_leaves_go_to_those_that_stay_and_theirs_stay()
    {
        ForAll(200, static random =>
        {
            CohortMember[] members = RandomMembers(random, targets: false);
            if (members.Length == 1) return;
            IReadOnlyDictionary<int, Guid> before = CohortPlanner.Plan(members, new Dictionary<int, Guid>());
            IReadOnlyDictionary<int, Guid> after = CohortPlanner.Plan(members[1..], before);
            Assert.All(before.Where(pair => pair.Value != members[0].Id), pair => Assert.Equal(pair.Value, after[pair.Key]));
        });
    }

    [Fact]
    public void A_large_cohort_is_planned_in_one_go()
    {
        var all = Enumerable.Range(0, 1024).ToHashSet();
        CohortMember[] members = [.. Enumerable.Range(0, 300).Select(_ => new CohortMember(Guid.NewGuid(), null, all))];
        int[] loads = Loads(members, CohortPlanner.Plan(members, all.ToDictionary(static partition => partition, _ => members[0].Id)));
        Assert.Equal((3, 4), (loads.Min(), loads.Max()));
    }

    private static void ForAll(int count, Action<Random> property)
    {
        int first = Random.Shared.Next();
        for (int i = 0; i < Support.TestScale.Iterations(count); i++)
        {
            try
            {
                property(new Random(first + i));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {first + i}: {failure.Message}", failure);
            }
        }
    }

    private static int[] Loads(CohortMember[] members, IReadOnlyDictionary<int, Guid> plan) =>
        [.. members.Select(member => plan.Values.Count(owner => owner == member.Id))];

    private static CohortMember[] RandomMembers(Random random, bool subscribedToAll = true, bool targets = true)
    {
        int partitions = random.Next(1, 20);
        return [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => new CohortMember(
            NewId(random),
            targets && random.Next(2) == 0 ? random.Next(0, 8) : null,
            Enumerable.Range(0, partitions).Where(_ => subscribedToAll || random.Next(2) == 0).ToHashSet()))];
    }

    /// <summary>Any assignment, also to members that are gone and partitions that nobody is subscribed to.</summary>
    private static Dictionary<int, Guid> RandomPlan(Random random, CohortMember[] members) => Enumerable.Range(0, 22)
        .Where(_ => random.Next(3) > 0)
        .ToDictionary(static partition => partition, _ => random.Next(5) == 0 ? NewId(random) : members[random.Next(members.Length)].Id);

    private static Guid NewId(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
