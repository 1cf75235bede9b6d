using Fibril.Protocol;

namespace Fibril.Client.Routing;

/// <summary>How a queue is split. An unknown queue counts as one partition of version 0 (HSH-3).</summary>
internal readonly record struct QueueRouting(uint PartitionCount, ulong PartitioningVersion)
{
    public static QueueRouting Unknown => new(1, 0);
}

/// <summary>One picture of the topology. Immutable: publishers compare references to see that routing changed.</summary>
internal sealed class RoutingTable
{
    public static readonly RoutingTable Empty = new(0, []);

    private readonly Dictionary<(string Topic, string? Group), QueueRouting> _queues;

    private RoutingTable(ulong generation, Dictionary<(string Topic, string? Group), QueueRouting> queues)
    {
        Generation = generation;
        _queues = queues;
    }

    public ulong Generation { get; }

    public static RoutingTable From(TopologySnapshot snapshot)
    {
        var queues = new Dictionary<(string, string?), QueueRouting>();
        foreach (QueueRoute route in snapshot.Queues)
        {
            queues[(route.Topic, Names.NormaliseGroup(route.Group))] =
                new QueueRouting(Math.Max(1, route.PartitionCount), route.PartitioningVersion);
        }

        return new RoutingTable(snapshot.Generation, queues);
    }

    public QueueRouting Find(QueueAddress queue) =>
        _queues.TryGetValue((queue.Topic, queue.Group), out QueueRouting routing) ? routing : QueueRouting.Unknown;

    public RoutingTable With(QueueAddress queue, QueueRouting routing) =>
        new(Generation, new Dictionary<(string, string?), QueueRouting>(_queues) { [(queue.Topic, queue.Group)] = routing });
}
