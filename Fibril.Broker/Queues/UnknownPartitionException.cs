using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues;

/// <summary>Somebody asks about a partition that this broker does not have. Unlike a publish, a question brings no queue into being.</summary>
internal sealed class UnknownPartitionException(PartitionId partition, int partitionCount) : ArgumentException(partitionCount == 0
    ? $"There is no queue {partition.Queue} here; check its topic and group."
    : $"Queue {partition.Queue} has {partitionCount} partition(s), numbered from 0; there is no partition {partition.Partition}.")
{
    public PartitionId Partition { get; } = partition;

    /// <summary>True when there is no such queue, and not only no such partition of it.</summary>
    public bool IsUnknownQueue { get; } = partitionCount == 0;
}
