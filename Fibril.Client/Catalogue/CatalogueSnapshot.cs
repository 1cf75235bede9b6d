using Fibril.Client.Routing;

namespace Fibril.Client;

/// <summary>The channels at one moment. Immutable.</summary>
public sealed class CatalogueSnapshot
{
    private IReadOnlyList<CatalogueEntry>? _channels;

    internal CatalogueSnapshot(RoutingTable table) => Table = table;

    /// <summary>Every channel that is known, in no order. Empty when the broker keeps its topology to itself.</summary>
    public IReadOnlyList<CatalogueEntry> Channels => _channels ??= [.. Table.Channels.Select(static channel => Entry(channel.Key, channel.Value))];

    internal RoutingTable Table { get; }

    /// <summary>What has to happen to this catalogue to become another one. Owners are not part of it .</summary>
    internal static IEnumerable<CatalogueChange> Differences(RoutingTable before, RoutingTable after)
    {
        foreach ((ChannelKey key, ChannelRouting was) in before.Channels)
        {
            if (after.TryFind(key) is not { } now || now.Kind != was.Kind)
                yield return new CatalogueChange(CatalogueChangeKind.Removed, Entry(key, was));
        }

        foreach ((ChannelKey key, ChannelRouting now) in after.Channels)
        {
            if (before.TryFind(key) is not { } was || was.Kind != now.Kind)
                yield return new CatalogueChange(CatalogueChangeKind.Added, Entry(key, now));
            else if (was.PartitionCount != now.PartitionCount)
                yield return new CatalogueChange(CatalogueChangeKind.PartitionCountChanged, Entry(key, now));
        }
    }

    private static CatalogueEntry Entry(ChannelKey key, ChannelRouting channel) =>
        new(channel.Kind, key.Topic, key.Group, (int)channel.PartitionCount);
}
