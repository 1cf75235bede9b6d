using System.Collections.Immutable;
using Fibril.Protocol;

namespace Fibril.Client.Routing;

/// <summary>A channel as a key: the topic, and the group in its one spelling, which streams have none of.</summary>
internal readonly record struct ChannelKey(string Topic, string? Group);

/// <summary>One picture of the topology. Immutable: publishers compare references to see that routing changed.</summary>
/// <remarks>
/// What a complete topology listed, and what was learnt since: declarations, redirects and answers about single topics. Those are few, so a
/// change does not copy the whole.
/// </remarks>
internal sealed class RoutingTable
{
    public static readonly RoutingTable Empty = new(0, [], ImmutableDictionary<ChannelKey, ChannelRouting?>.Empty);

    private readonly Dictionary<ChannelKey, ChannelRouting> _listed;
    private readonly ImmutableDictionary<ChannelKey, ChannelRouting?> _learnt; // null: learnt to be gone

    private RoutingTable(
        ulong generation, Dictionary<ChannelKey, ChannelRouting> listed, ImmutableDictionary<ChannelKey, ChannelRouting?> learnt)
    {
        Generation = generation;
        _listed = listed;
        _learnt = learnt;
    }

    public ulong Generation { get; }

    /// <summary>
    /// True when the topology is one of a cluster: it names owners. Then it is complete, and a channel that is missing does not exist (TOP-4).
    /// A broker that stands alone may make a queue at its first publish.
    /// </summary>
    public bool IsAuthoritative => _listed.Values.Any(static channel => channel.KnowsOwners);

    /// <summary>Every channel that is known to exist.</summary>
    public IEnumerable<KeyValuePair<ChannelKey, ChannelRouting>> Channels =>
        _listed.Where(channel => !_learnt.ContainsKey(channel.Key))
            .Concat(_learnt.Where(static channel => channel.Value is { IsListed: true })
                .Select(static channel => KeyValuePair.Create(channel.Key, channel.Value!)));

    public static RoutingTable From(TopologySnapshot snapshot)
    {
        Dictionary<ChannelKey, ChannelRouting> listed = Read(snapshot);
        return new RoutingTable(snapshot.Generation, listed, ImmutableDictionary<ChannelKey, ChannelRouting?>.Empty);
    }

    /// <summary>What is known of the channel; <see cref="ChannelRouting.Unknown"/> for nothing.</summary>
    public ChannelRouting Find(QueueAddress channel) => Look(channel.Key) ?? ChannelRouting.Unknown;

    /// <summary>The channel as it was shown; null when it was not.</summary>
    public ChannelRouting? TryFind(ChannelKey channel) => Look(channel) is { IsListed: true } shown ? shown : null;

    /// <summary>As <see cref="TryFind"/>, with what redirects said about channels that nobody has shown.</summary>
    public ChannelRouting? Look(ChannelKey channel) =>
        _learnt.TryGetValue(channel, out ChannelRouting? learnt) ? learnt : _listed.GetValueOrDefault(channel);

    /// <summary>True when some partition belongs to the broker, as far as the topology and later redirects say.</summary>
    public bool Gives(BrokerEndpoint endpoint) =>
        _listed.Any(channel => !_learnt.ContainsKey(channel.Key) && channel.Value.Gives(endpoint))
        || _learnt.Values.Any(channel => channel is not null && channel.Gives(endpoint));

    public RoutingTable With(ChannelKey channel, ChannelRouting? routing) => new(Generation, _listed, _learnt.SetItem(channel, routing));

    /// <summary>The table with what a filtered answer said about one channel, which may be that it is gone.</summary>
    public RoutingTable With(ChannelKey channel, TopologySnapshot answer) => With(channel, Read(answer).GetValueOrDefault(channel));

    /// <summary>Adds what <paramref name="before"/> had learnt from declarations, where this table shows nothing: an empty topology forgets none.</summary>
    public RoutingTable KeepingDeclarationsOf(RoutingTable before) => _listed.Count > 0 ? this : new RoutingTable(Generation, _listed, before._learnt);

    private static Dictionary<ChannelKey, ChannelRouting> Read(TopologySnapshot snapshot)
    {
        var channels = new Dictionary<ChannelKey, (ChannelKind Kind, uint Count, ulong Version, BrokerEndpoint?[]? Owners)>();
        foreach (QueueRoute route in snapshot.Queues)
        {
            var key = new ChannelKey(route.Topic, Names.NormaliseGroup(route.Group));
            Take(key, ChannelKind.Queue, route.Partition, route.PartitionCount, route.PartitioningVersion, route.OwnerEndpoints);
        }

        foreach (StreamRoute route in snapshot.Streams)
        {
            var key = new ChannelKey(route.Topic, Group: null);
            Take(key, ChannelKind.Stream, route.Partition, route.PartitionCount, route.PartitioningVersion, route.OwnerEndpoints);
        }

        return channels.ToDictionary(
            static channel => channel.Key,
            static channel => new ChannelRouting(channel.Value.Kind, channel.Value.Count, channel.Value.Version, channel.Value.Owners));

        void Take(ChannelKey key, ChannelKind kind, uint partition, uint count, ulong version, IReadOnlyList<BrokerAddress> owners)
        {
            count = Math.Max(1, count);
            if (!channels.TryGetValue(key, out var known)) channels[key] = known = (kind, count, version, null);
            if (owners.Count == 0 || partition >= known.Count) return;
            if (known.Owners is null) channels[key] = known = known with { Owners = new BrokerEndpoint?[known.Count] };
            known.Owners![partition] = BrokerEndpoint.From(owners[0]); // the first is the one that works
        }
    }
}
