using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues;

internal sealed partial class QueueRegistry
{
    /// <summary>True while the disk is full: publishes are refused, and consumers are served on the reserve (S-66).</summary>
    public bool IsDiskFull => _environment.Reserve.IsFull;

    /// <summary>What partitions take on the disk, of queues that exist, as far as there are any files of them. Blocks on the disk. Thread-safe.</summary>
    public IEnumerable<(PartitionId Id, StoredSize Size)> SizesOnDisk()
    {
        IStorageFileSystem files = _environment.Log.Files;
        string root = Path.Combine(_dataDirectory, QueuesDirectory);
        foreach (string topic in files.ListDirectories(root))
        {
            foreach (string group in files.ListDirectories(Path.Combine(root, topic)))
            {
                var name = new QueueName(topic, group.Length > 1 ? group[1..] : null);
                if (_catalogue.Find(name) is null) continue;
                foreach ((int partition, StoredSize size) in StoredSize.OfPartitions(files, Path.Combine(root, topic, group)))
                    yield return (new PartitionId(name, partition), size);
            }
        }
    }

    /// <summary>Partitions that serve nobody now, and why.</summary>
    public IEnumerable<OutOfServicePartition> OutOfService =>
        _slots.Values
            .Select(static slot => (slot.Id, Reason: slot.Loaded is { } loaded ? loaded.ParkedBecause : slot.Failure?.Message))
            .Where(static entry => entry.Reason is not null)
            .Select(static entry => new OutOfServicePartition(entry.Id.Queue.Topic, entry.Id.Queue.Group, entry.Id.Partition, entry.Reason!));
}
