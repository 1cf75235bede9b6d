using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues;

internal sealed partial class QueueRegistry
{
    /// <summary>True while the disk is full: publishes are refused, and consumers are served on the reserve (S-66).</summary>
    public bool IsDiskFull => _environment.Reserve.IsFull;

    /// <summary>What a partition that is not loaded takes on the disk. Blocks on the disk. Thread-safe.</summary>
    /// <exception cref="IOException">Its files cannot be looked at.</exception>
    public StoredSize SizeOnDisk(PartitionId id) => StoredSize.OnDisk(_environment.Log.Files, DirectoryOf(id));

    /// <summary>Partitions that serve nobody now, and why.</summary>
    public IEnumerable<OutOfServicePartition> OutOfService =>
        _slots.Values
            .Select(static slot => (slot.Id, Reason: slot.Loaded is { } loaded ? loaded.ParkedBecause : slot.Failure?.Message))
            .Where(static entry => entry.Reason is not null)
            .Select(static entry => new OutOfServicePartition(entry.Id.Queue.Topic, entry.Id.Queue.Group, entry.Id.Partition, entry.Reason!));
}
