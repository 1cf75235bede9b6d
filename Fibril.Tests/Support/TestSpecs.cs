using Fibril.Client;
using Fibril.Client.Consuming;
using Fibril.Client.Routing;

namespace Fibril.Tests.Support;

/// <summary>What subscriptions ask for, for tests of what stands behind them.</summary>
internal static class TestSpecs
{
    public static SubscriptionSpec Queue(string topic, uint prefetch = 1) => new()
    {
        Channel = QueueAddress.Create(topic, group: null),
        Kind = ChannelKind.Queue,
        Prefetch = prefetch,
    };
}
