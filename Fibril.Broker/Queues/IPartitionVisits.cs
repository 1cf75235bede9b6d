using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Catalogue;

namespace Fibril.Broker.Queues;

/// <summary>Opens partitions for those who pass by: for a look, or to bring a message back. Thread-safe.</summary>
internal interface IPartitionVisits
{
    /// <summary>What is known of a queue; null when there is no such queue.</summary>
    QueueEntry? Find(QueueName queue);

    /// <summary>A partition that exists, loaded first if need be (I-30).</summary>
    /// <returns>A lease; the caller disposes it.</returns>
    /// <exception cref="UnknownPartitionException">There is no such partition, and none comes into being.</exception>
    /// <exception cref="PartitionUnavailableException">Its files cannot be read.</exception>
    /// <exception cref="IOException">The broker stops.</exception>
    ValueTask<PartitionLease<QueuePartition>> VisitAsync(PartitionId id);
}
