using Fibril.Broker.Primitives;

namespace Fibril.Broker.Channels;

/// <summary>A partition that is loaded answers nobody now: it is parked, stopping, or has lost its files for a while.</summary>
/// <remarks>The message is fit for operators.</remarks>
internal sealed class PartitionNotServingException(PartitionId partition, string because) : Exception(because)
{
    public PartitionId Partition { get; } = partition;
}
