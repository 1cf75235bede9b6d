namespace Fibril.Broker.Queues.Cohorts;

/// <summary>How exclusive consumer groups are planned. The keys live under <c>runtime_seed.consumer_groups</c>.</summary>
internal sealed class CohortOptions
{
    /// <summary>Most partitions of a member that names no target itself; 1 to 65,536, 0, the default, for no target (G-25).</summary>
    public int DefaultTargetPerConsumer { get; set; }
}
