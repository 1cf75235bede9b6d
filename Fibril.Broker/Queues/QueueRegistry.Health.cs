using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;

namespace Fibril.Broker.Queues;

internal sealed partial class QueueRegistry
{
    /// <summary>Partitions that serve nobody now, and why.</summary>
    public IEnumerable<OutOfServicePartition> OutOfService =>
        _slots.Values
            .Select(static slot => (slot.Id, Reason: slot.Loaded is { } loaded ? loaded.ParkedBecause : slot.Failure?.Message))
            .Where(static entry => entry.Reason is not null)
            .Select(static entry => new OutOfServicePartition(entry.Id.Queue.Topic, entry.Id.Queue.Group, entry.Id.Partition, entry.Reason!));
}
