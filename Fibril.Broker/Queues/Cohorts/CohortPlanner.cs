namespace Fibril.Broker.Queues.Cohorts;

// Every partition has a price for every member: the next one costs a member as much as it has already, and one beyond its target costs more
// than any below anybody's. Partitions go where they are cheapest, and move when that makes them cheaper. Prices only rise with what a member
// has, so this ends in a distribution that no exchange can make cheaper, with as few moves as it takes.

/// <summary>Who of a cohort gets which partition: a pure function of its arguments (G-26).</summary>
internal static class CohortPlanner
{
    /// <summary>Assigns every partition that some member can be given (G-20), evenly (G-21) and with the fewest moves (G-22).</summary>
    /// <param name="members">The members; their order does not matter.</param>
    /// <param name="previous">The plan in force: partition to member.</param>
    /// <returns>Partition to member. A partition that no member is subscribed to is in nobody's hands.</returns>
    public static IReadOnlyDictionary<int, Guid> Plan(IEnumerable<CohortMember> members, IReadOnlyDictionary<int, Guid> previous)
    {
        var plan = new Draft(members);
        plan.Keep(previous);
        plan.AssignTheRest();
        while (plan.MoveOne())
        {
            // One step cheaper each time.
        }

        return plan.ToAssignment();
    }

    private sealed class Draft
    {
        private readonly Share[] _shares;
        private readonly SortedSet<int> _partitions;
        private readonly Dictionary<int, Share> _owner = [];

        public Draft(IEnumerable<CohortMember> members)
        {
            _shares = [.. members.Select(static member => new Share(member)).OrderBy(static share => share.Member.Id)];
            _partitions = [.. _shares.SelectMany(static share => share.Member.Reach)];
        }

        public void Keep(IReadOnlyDictionary<int, Guid> previous)
        {
            Dictionary<Guid, Share> byId = _shares.ToDictionary(static share => share.Member.Id);
            foreach (int partition in _partitions)
            {
                if (previous.TryGetValue(partition, out Guid owner) && byId.TryGetValue(owner, out Share? share) && share.CanHave(partition))
                    Give(partition, share);
            }
        }

        public void AssignTheRest()
        {
            foreach (int partition in _partitions.Where(partition => !_owner.ContainsKey(partition)))
                Give(partition, _shares.Where(share => share.CanHave(partition)).MinBy(static share => share.PriceOfNext)!);
        }

        /// <summary>
        /// Finds the shortest chain of hand-overs that takes a partition from a member to whom it is dear to one to whom it is cheaper, and
        /// carries it out; false when there is none. Without missing subscriptions the chain is one hand-over.
        /// </summary>
        public bool MoveOne()
        {
            Price cheapest = _shares.Select(static share => share.PriceOfNext).DefaultIfEmpty().Min();
            foreach (Share from in _shares.Where(share => share.Partitions.Count > 0 && share.PriceOfLast > cheapest).OrderByDescending(static share => share.PriceOfLast))
            {
                if (FindChain(from) is not { } chain) continue;
                foreach ((int partition, Share to) in chain) Move(partition, to);
                return true;
            }

            return false;
        }

        public Dictionary<int, Guid> ToAssignment() => _owner.ToDictionary(static pair => pair.Key, static pair => pair.Value.Member.Id);

        private List<(int Partition, Share To)>? FindChain(Share from)
        {
            Price dear = from.PriceOfLast;
            var cameBy = new Dictionary<Share, (Share From, int Partition)>();
            var waiting = new Queue<Share>([from]);
            while (waiting.TryDequeue(out Share? at))
            {
                Share? best = null;
                foreach (int partition in at.Partitions)
                {
                    if (cameBy.Count == _shares.Length - 1) break;
                    foreach (Share next in _shares)
                    {
                        if (next == from || !next.CanHave(partition) || !cameBy.TryAdd(next, (at, partition))) continue;
                        waiting.Enqueue(next);
                        if (next.PriceOfNext < dear && (best is null || next.PriceOfNext < best.PriceOfNext)) best = next;
                    }
                }

                if (best is not null) return Trace(best, from, cameBy);
            }

            return null;
        }

        private static List<(int Partition, Share To)> Trace(Share end, Share from, Dictionary<Share, (Share From, int Partition)> cameBy)
        {
            var chain = new List<(int, Share)>();
            for (Share at = end; at != from; at = cameBy[at].From) chain.Add((cameBy[at].Partition, at));
            return chain;
        }

        private void Give(int partition, Share to)
        {
            to.Partitions.Add(partition);
            _owner[partition] = to;
        }

        private void Move(int partition, Share to)
        {
            _owner[partition].Partitions.Remove(partition);
            Give(partition, to);
        }
    }

    /// <summary>A member and what it is given so far. The highest of its partitions are the first to go.</summary>
    private sealed class Share(CohortMember member)
    {
        public CohortMember Member => member;

        public SortedSet<int> Partitions { get; } = new(Comparer<int>.Create(static (left, right) => right.CompareTo(left)));

        public Price PriceOfNext => PriceOf(Partitions.Count);

        public Price PriceOfLast => PriceOf(Partitions.Count - 1);

        public bool CanHave(int partition) => member.Reach.Contains(partition);

        private Price PriceOf(int held) => member.Target is { } target && held >= target ? new Price(IsBeyondTarget: true, held - target) : new Price(IsBeyondTarget: false, held);
    }

    private readonly record struct Price(bool IsBeyondTarget, int Held) : IComparable<Price>
    {
        public int CompareTo(Price other)
        {
            int byTarget = IsBeyondTarget.CompareTo(other.IsBeyondTarget);
            return byTarget != 0 ? byTarget : Held.CompareTo(other.Held);
        }

        public static bool operator <(Price left, Price right) => left.CompareTo(right) < 0;

        public static bool operator >(Price left, Price right) => left.CompareTo(right) > 0;
    }
}
