using Fibril.Client.Connection;

namespace Fibril.Client.Consuming;

/// <summary>What subscriptions need of their client.</summary>
/// <param name="Context">What all connections share.</param>
/// <param name="Pool">The connections that everything shares.</param>
/// <param name="Fetcher">Asks for topology.</param>
/// <param name="NewPool">Makes connections for one subscription alone.</param>
internal sealed record SubscriptionServices(ClientContext Context, BrokerPool Pool, TopologyFetcher Fetcher, Func<BrokerPool> NewPool);
