using Fibril.Broker.Primitives;

namespace Fibril.Broker.Channels.Publishing;

/// <summary>A partition that messages are published to, whatever kind of channel it is of. Thread-safe.</summary>
internal interface IPublishTarget
{
    PartitionId Id { get; }

    /// <summary>True when the partition has ended, in this object, for good: who wants it asks the registry again.</summary>
    bool IsOver { get; }

    /// <summary>Hands over a batch; false when the lane is full, and the caller keeps it.</summary>
    bool TryPost(PublishBatch batch);

    /// <summary>Hands over a batch, waiting for room in the lane.</summary>
    ValueTask PostAsync(PublishBatch batch, CancellationToken cancellationToken);
}
