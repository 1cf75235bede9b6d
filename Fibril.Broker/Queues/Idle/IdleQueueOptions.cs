namespace Fibril.Broker.Queues.Idle;

/// <summary>When queues that nobody uses leave memory. The keys live under <c>runtime_seed.idle_queue_cleanup</c>.</summary>
internal sealed class IdleQueueOptions
{
    /// <summary>True unloads idle queues; default false. Nothing of a queue is ever deleted by it (I-1, I-2).</summary>
    public bool Enabled { get; set; }

    /// <summary>How long nobody may have used a queue before it is unloaded; 0 to 7 days, default 10 min.</summary>
    public TimeSpan EvictAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Time between two looks at all queues; 1 ms to 1 day, default 1 min.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(1);
}
