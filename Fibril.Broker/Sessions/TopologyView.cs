using Fibril.Broker.Channels.Catalogue;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Streams.Catalogue;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

/// <summary>The topology of a standalone broker: every channel and its partitions, and no endpoints, because there is one place to go. Thread-safe.</summary>
internal sealed class TopologyView(ChannelCatalogue catalogue, bool isPublished)
{
    private Cached _cached = new(-1, new TopologySnapshot(0, [], []));

    /// <summary>Grows when the answer to an unfiltered request changes; 0 and constant when nothing is published (TOP-3).</summary>
    public ulong Generation => isPublished ? (ulong)catalogue.Generation : 0;

    /// <summary>Everything (TOP-4).</summary>
    public TopologySnapshot All()
    {
        if (!isPublished) return new TopologySnapshot(0, [], []);
        long generation = catalogue.Generation;
        Cached cached = Volatile.Read(ref _cached);
        if (cached.Generation == generation) return cached.Snapshot;

        // Entries may already be newer than the generation read before them, never older.
        cached = new Cached(generation, new TopologySnapshot((ulong)generation, Routes(catalogue.Entries.OfType<QueueEntry>()), StreamRoutes(catalogue.Entries.OfType<StreamEntry>())));
        Volatile.Write(ref _cached, cached);
        return cached.Snapshot;
    }

    /// <summary>One topic: the stream, or the queue of one group, or of every group when none is named (TOP-1).</summary>
    public TopologySnapshot Of(string topic, string? group)
    {
        if (!isPublished) return new TopologySnapshot(0, [], []);
        ulong generation = Generation;
        if (catalogue.Find(new QueueName(topic, null)) is StreamEntry stream) return new TopologySnapshot(generation, [], StreamRoutes([stream]));
        IEnumerable<QueueEntry> entries = group is null
            ? catalogue.Entries.OfType<QueueEntry>().Where(entry => entry.Name.Topic == topic)
            : catalogue.Find(new QueueName(topic, Names.NormaliseGroup(group))) is QueueEntry found ? [found] : [];
        return new TopologySnapshot(generation, Routes(entries), []);
    }

    private static QueueRoute[] Routes(IEnumerable<QueueEntry> entries) =>
    [
        .. entries.SelectMany(static entry => Enumerable.Range(0, entry.PartitionCount).Select(partition => new QueueRoute(
            entry.Name.Topic, (uint)partition, entry.Name.Group, [], PartitioningVersion: 0, (uint)entry.PartitionCount))),
    ];

    private static StreamRoute[] StreamRoutes(IEnumerable<StreamEntry> entries) =>
    [
        .. entries.SelectMany(static entry => Enumerable.Range(0, entry.PartitionCount).Select(partition => new StreamRoute(
            entry.Name.Topic, (uint)partition, [], PartitioningVersion: 0, (uint)entry.PartitionCount))),
    ];

    private sealed record Cached(long Generation, TopologySnapshot Snapshot);
}
