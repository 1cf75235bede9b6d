using System.Collections.Concurrent;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Streams;

namespace Fibril.Broker.Statistics.Storage;

/// <summary>
/// What each channel takes on the disk. Loaded partitions say it themselves; one that is not loaded takes what it took when it was, and one
/// that was never loaded is looked at once. Thread-safe.
/// </summary>
internal sealed class StorageLedger(QueueRegistry queues, StreamRegistry streams)
{
    private readonly ConcurrentDictionary<PartitionId, StoredSize> _sizes = new();

    /// <summary>What all channels take, in bytes.</summary>
    public long TotalBytes => _sizes.Sum(static entry => entry.Value.TotalBytes);

    /// <summary>What each channel takes, the largest first.</summary>
    public IReadOnlyList<ChannelSize> ByChannel() =>
    [
        .. _sizes.GroupBy(static entry => entry.Key.Queue)
            .Select(static channel => new ChannelSize(
                channel.Key, channel.Sum(static entry => entry.Value.MessageBytes), channel.Sum(static entry => entry.Value.EventBytes)))
            .OrderByDescending(static channel => channel.MessageBytes + channel.EventBytes)
            .ThenBy(static channel => channel.Name.ToString(), StringComparer.Ordinal),
    ];

    /// <summary>What one partition takes; nothing when it was never used, or was not looked at yet.</summary>
    public StoredSize SizeOf(PartitionId id) => _sizes.GetValueOrDefault(id);

    /// <summary>Takes in what loaded partitions say, and forgets channels that are gone.</summary>
    public void Update()
    {
        foreach (QueuePartition partition in queues.Loaded) _sizes[partition.Id] = partition.Gauges.Stored;
        foreach (StreamPartition partition in streams.Loaded) _sizes[partition.Id] = partition.Gauges.Stored;
        foreach (PartitionId id in _sizes.Keys)
        {
            if (!Exists(id)) _sizes.TryRemove(id, out _);
        }
    }

    /// <summary>Looks at the partitions that were not loaded since the start. Blocks on the disk.</summary>
    public void LookAtUnknown(CancellationToken cancellationToken)
    {
        foreach ((PartitionId id, StoredSize size) in queues.SizesOnDisk().Concat(streams.SizesOnDisk()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _sizes.TryAdd(id, size); // what was loaded meanwhile knows better
        }
    }

    private bool Exists(PartitionId id) => queues.Catalogue.Find(id.Queue) is not null || streams.Catalogue.Find(id.Queue) is not null;
}

/// <summary>What one channel takes on the disk, all partitions together.</summary>
/// <param name="Name">Topic and group of a queue; a stream has no group.</param>
/// <param name="MessageBytes">Of the logs of messages.</param>
/// <param name="EventBytes">Of the logs of what happened to them, or of cursors.</param>
internal sealed record ChannelSize(QueueName Name, long MessageBytes, long EventBytes);
