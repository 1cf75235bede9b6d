using Fibril.Broker.Queues.Cohorts;

namespace Fibril.Broker.Queues;

/// <summary>What the partitions of one queue share: its settings, and the plan of its cohort. Thread-safe.</summary>
internal sealed class QueueCell(QueueSettings settings)
{
    private readonly Lock _gate = new();
    private QueueSettings _settings = settings;
    private CohortPlan? _plan;

    public QueueSettings Settings => Volatile.Read(ref _settings);

    /// <summary>Who gets which partition; null while the queue has no cohort, or none with a plan yet.</summary>
    public CohortPlan? Plan
    {
        get => Volatile.Read(ref _plan);
        set => Volatile.Write(ref _plan, value);
    }

    /// <summary>Takes the settings that are in effect now; the last one to ask leaves the newest behind.</summary>
    public void Refresh(Func<QueueSettings> read)
    {
        lock (_gate) Volatile.Write(ref _settings, read());
    }
}
