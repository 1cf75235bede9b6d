using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Publishing;
using Fibril.Broker.Sessions.Output;

namespace Fibril.Broker.Sessions.Routing;

/// <summary>The way from one connection to one partition, and what is being collected for it.</summary>
internal sealed class PartitionRoute(PartitionId id)
{
    public PartitionId Id { get; } = id;

    /// <summary>The partition, once it was opened.</summary>
    public QueuePartition? Partition { get; set; }

    /// <summary>This session's subscription to the partition.</summary>
    public SessionSubscription? Subscription { get; set; }

    /// <summary>Messages of the frames read so far.</summary>
    public PublishBatch? Publishes { get; set; }

    /// <summary>Settlements of the frames read so far.</summary>
    public SettleCommand? Settles { get; set; }

    public bool HasWork => Publishes is not null || Settles is not null;
}
