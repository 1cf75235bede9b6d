using System.Collections.Concurrent;
using Fibril.Broker.Queues.Cohorts;

namespace Fibril.Broker.Queues;

/// <summary>What the partitions of one queue share: its settings, and the plan of its cohort. Thread-safe.</summary>
internal sealed class QueueCell(QueueSettings settings)
{
    private readonly Lock _gate = new();
    private QueueSettings _settings = settings;
    private readonly ConcurrentDictionary<int, long> _given = new();
    private CohortPlan? _plan;

    public QueueSettings Settings => Volatile.Read(ref _settings);

    /// <summary>Who gets which partition; null while the queue has no cohort, or none with a plan yet.</summary>
    public CohortPlan? Plan
    {
        get => Volatile.Read(ref _plan);
        set => Volatile.Write(ref _plan, value);
    }

    /// <summary>Remembers, for as long as a partition is not loaded, up to where its messages may have been given to consumers.</summary>
    public void KeepGiven(int partition, long givenEnd) => _given[partition] = givenEnd;

    /// <summary>What <see cref="KeepGiven"/> remembers, for once; null when nothing is known, as after a crash.</summary>
    public long? TakeGiven(int partition) => _given.TryRemove(partition, out long end) ? end : null;

    /// <summary>Takes the settings that are in effect now; the last one to ask leaves the newest behind.</summary>
    public void Refresh(Func<QueueSettings> read)
    {
        lock (_gate) Volatile.Write(ref _settings, read());
    }
}
