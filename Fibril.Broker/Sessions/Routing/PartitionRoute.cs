using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Sessions.Output;

namespace Fibril.Broker.Sessions.Routing;

/// <summary>The way from one connection to one partition, and what is being collected for it.</summary>
internal sealed class PartitionRoute(PartitionId id)
{
    public PartitionId Id { get; } = id;

    /// <summary>The connection's right to publish there; it keeps the partition loaded (I-20).</summary>
    public PartitionLease<QueuePartition>? Publisher { get; set; }

    /// <summary>When something was published last, in Unix milliseconds by the broker's clock.</summary>
    public long LastPublishMs { get; set; }

    /// <summary>The partition to publish to; null before the first publish, and when it has to be looked up again.</summary>
    public QueuePartition? Target => Publisher is { Partition: { IsOver: false } partition } ? partition : null;

    /// <summary>This session's subscription to the partition.</summary>
    public SessionSubscription? Subscription { get; set; }

    /// <summary>Messages of the frames read so far.</summary>
    public PublishBatch? Publishes { get; set; }

    /// <summary>Settlements of the frames read so far.</summary>
    public SettleCommand? Settles { get; set; }

    public bool HasWork => Publishes is not null || Settles is not null;

    public void EndPublisher()
    {
        Publisher?.Dispose();
        Publisher = null;
    }
}
