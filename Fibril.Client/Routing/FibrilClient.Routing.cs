using Fibril.Client.Connection;
using Fibril.Client.Routing;

namespace Fibril.Client;

public sealed partial class FibrilClient
{
    /// <summary>Shows what the client routes by now. Asks nobody.</summary>
    public RoutingSnapshot GetRouting()
    {
        RoutingTable table = Routing;
        BrokerSession home = _pool.Home;
        return new RoutingSnapshot(
            (long)table.Generation,
            [.. table.Channels.Select(static channel => new RoutedChannel(
                channel.Value.Kind, channel.Key.Topic, channel.Key.Group, (long)channel.Value.PartitioningVersion, OwnersOf(channel.Value)))],
            [.. _pool.Sessions.Select(session => new RoutedBroker(
                session.Endpoint.ToString(), session == home, session.Live is not null, session.Incarnation))]);
    }

    private static string?[] OwnersOf(ChannelRouting channel)
    {
        var owners = new string?[channel.PartitionCount];
        for (uint partition = 0; partition < owners.Length; partition++) owners[partition] = channel.OwnerOf(partition)?.ToString();
        return owners;
    }
}
