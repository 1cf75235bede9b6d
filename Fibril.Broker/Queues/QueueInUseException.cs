using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues;

/// <summary>A queue cannot be deleted because messages of it are leased. The message is fit for operators.</summary>
internal sealed class QueueInUseException(PartitionId partition, int leased)
    : Exception(
        $"Partition {partition} has {leased} message(s) that consumers hold, so the queue was not deleted. "
        + "Stop the consumers, or wait until they have settled their messages, and delete it again.")
{
    public PartitionId Partition { get; } = partition;
}
