using System.Collections.Concurrent;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.Cohorts;

// Members join one partition after the other, so planning is put off to a work item that finds all who have come by then. Until it ran, the
// plan in force stays: nobody receives what another one may still receive (G-11, G-12).

/// <summary>The exclusive consumer groups of this broker. Thread-safe.</summary>
internal sealed class CohortRegistry
{
    private readonly ConcurrentDictionary<QueueName, Cohort> _cohorts = new();
    private readonly CohortOptions _options;
    private readonly IWorkScheduler _work;
    private readonly Action<QueueName, CohortPlan?> _publish;
    private readonly Lock _gate = new();
    private readonly HashSet<QueueName> _dirty = [];
    private bool _isScheduled;
    private ulong _generation;

    /// <param name="options">Default target.</param>
    /// <param name="work">Where plans are made.</param>
    /// <param name="publish">Puts a plan into force; null opens the queue to everybody (G-13). Called under a lock.</param>
    public CohortRegistry(CohortOptions options, IWorkScheduler work, Action<QueueName, CohortPlan?> publish)
    {
        _options = options;
        _work = work;
        _publish = publish;
    }

    private int? DefaultTarget => _options.DefaultTargetPerConsumer > 0 ? _options.DefaultTargetPerConsumer : null;

    /// <summary>Numbers plans from the clock on: clients compare them with those of the broker's last run, which must be smaller (COH-6).</summary>
    public void NumberFrom(DateTimeOffset now)
    {
        lock (_gate) _generation = Math.Max(_generation, (ulong)Math.Max(0, now.ToUnixTimeMilliseconds()));
    }

    /// <summary>Adds an exclusive subscription.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cohort">The cohort it names.</param>
    /// <param name="membership">The subscription; the key to <see cref="Leave"/>.</param>
    /// <param name="present">The cohort that the queue has; another one than the subscription names when false is returned (G-2).</param>
    public bool TryJoin(QueueName queue, string cohort, Membership membership, out string present)
    {
        lock (_gate)
        {
            Cohort joined = _cohorts.GetOrAdd(queue, static (name, id) => new Cohort(name, id), cohort);
            present = joined.Id;
            if (present != cohort) return false;
            joined.Add(membership);
            PlanSoon(queue);
            return true;
        }
    }

    /// <summary>Takes out a subscription that has ended; nothing else of the same member (G-34).</summary>
    public void Leave(QueueName queue, Membership membership)
    {
        lock (_gate)
        {
            if (_cohorts.TryGetValue(queue, out Cohort? cohort) && cohort.Remove(membership)) HandleLeft(cohort, membership.Sink);
        }
    }

    /// <summary>Takes out everything of a session that ends, and no plan is made in between: its partitions move once (COH-7, G-22).</summary>
    public void LeaveAll(IAssignmentSink sink)
    {
        lock (_gate)
        {
            foreach (Cohort cohort in _cohorts.Values.Where(cohort => cohort.RemoveAll(sink))) HandleLeft(cohort, sink);
        }
    }

    /// <summary>The queues that have a cohort.</summary>
    public IEnumerable<QueueName> Queues => _cohorts.Keys;

    /// <summary>What operators see of the cohort of a queue; null when it has none.</summary>
    public CohortReport? Report(QueueName queue, int partitionCount)
    {
        lock (_gate) return _cohorts.TryGetValue(queue, out Cohort? cohort) ? cohort.Report(DefaultTarget, partitionCount) : null;
    }

    /// <summary>The default target of the options has changed: every cohort is planned anew.</summary>
    public void DefaultTargetChanged()
    {
        lock (_gate)
        {
            foreach (QueueName queue in _cohorts.Keys) PlanSoon(queue);
        }
    }

    private void HandleLeft(Cohort cohort, IAssignmentSink sink)
    {
        if (!cohort.HasAnyOf(sink)) sink.Left(cohort.Queue, cohort.Id);
        if (cohort.IsEmpty)
        {
            _cohorts.TryRemove(cohort.Queue, out _);
            _dirty.Remove(cohort.Queue);
            _publish(cohort.Queue, null);
            return;
        }

        PlanSoon(cohort.Queue);
    }

    private void PlanSoon(QueueName queue)
    {
        _dirty.Add(queue);
        if (_isScheduled) return;
        _isScheduled = true;
        _work.Schedule(new Planning(this));
    }

    private void PlanAll()
    {
        var announcements = new List<Action>();
        lock (_gate)
        {
            _isScheduled = false;
            foreach (QueueName queue in _dirty)
            {
                if (!_cohorts.TryGetValue(queue, out Cohort? cohort)) continue;
                if (cohort.Replan(DefaultTarget, _generation + 1))
                {
                    _generation++;
                    _publish(queue, cohort.Plan);
                }

                announcements.AddRange(cohort.Announcements());
            }

            _dirty.Clear();
        }

        // Telling a client may run into its connection's end, and so back into here.
        foreach (Action announce in announcements) announce();
    }

    private sealed class Planning(CohortRegistry registry) : IThreadPoolWorkItem
    {
        public void Execute() => registry.PlanAll();
    }
}
