using Fibril.Client.Connection;
using Fibril.Client.Routing;

namespace Fibril.Client.Publishing;

/// <summary>What one routing table says about a publisher's channel, with the table, to see when to ask again.</summary>
internal sealed class PublishRoute(RoutingTable table, ChannelRouting channel)
{
    public static readonly PublishRoute Empty = new(RoutingTable.Empty, ChannelRouting.Unknown);

    private readonly BrokerSession?[] _sessions = new BrokerSession?[channel.PartitionCount];

    public RoutingTable Table => table;

    public ChannelRouting Channel => channel;

    /// <summary>The session with the owner of a partition. Home may change, so it is looked up each time.</summary>
    public BrokerSession SessionFor(uint partition, BrokerPool pool)
    {
        if (channel.OwnerOf(partition) is not { } owner) return pool.Home;
        if (partition >= _sessions.Length) return pool.SessionWith(owner);
        return _sessions[partition] ??= pool.SessionWith(owner);
    }
}
