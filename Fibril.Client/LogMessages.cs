using Fibril.Client.Routing;
using Microsoft.Extensions.Logging;

namespace Fibril.Client;

/// <summary>Log messages of the client: event ids 3000 to 3099.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(3000, LogLevel.Information, "Connected to {Endpoint}, server '{ServerName}', session {Outcome}")]
    public static partial void Connected(this ILogger logger, BrokerEndpoint endpoint, string serverName, Protocol.ResumeOutcome outcome);

    [LoggerMessage(3001, LogLevel.Warning, "Connection to {Endpoint} lost: {Reason}")]
    public static partial void ConnectionLost(this ILogger logger, BrokerEndpoint endpoint, string reason);

    [LoggerMessage(3002, LogLevel.Information, "Connection to {Endpoint} closed")]
    public static partial void ConnectionClosed(this ILogger logger, BrokerEndpoint endpoint);

    [LoggerMessage(3003, LogLevel.Warning, "{Endpoint} did not tell its topology, so queues count as one partition: {Reason}")]
    public static partial void TopologyUnknown(this ILogger logger, BrokerEndpoint endpoint, string reason);

    [LoggerMessage(3004, LogLevel.Debug, "{Endpoint} pushed topology {Pushed}; taken: {IsTaken}, now at {Current}")]
    public static partial void TopologyPushed(this ILogger logger, BrokerEndpoint endpoint, ulong pushed, bool isTaken, ulong current);

    [LoggerMessage(3005, LogLevel.Warning, "{Endpoint} will stop in about {GraceMs} ms: {Message}")]
    public static partial void BrokerGoesAway(this ILogger logger, BrokerEndpoint endpoint, ulong graceMs, string message);

    [LoggerMessage(3006, LogLevel.Information, "{Endpoint} ended the subscription to {Subscription} ({Reason}): {Message}")]
    public static partial void SubscriptionClosed(
        this ILogger logger, BrokerEndpoint endpoint, string subscription, Protocol.CloseReason reason, string message);

    [LoggerMessage(3007, LogLevel.Warning, "Dropped {Count} deliveries of {Subscription} that waited for the application longer than their lease")]
    public static partial void StaleDeliveriesDropped(this ILogger logger, string subscription, int count);

    [LoggerMessage(3008, LogLevel.Trace, "{Endpoint} delivered to subscription {SubscriptionId}, which nobody reads")]
    public static partial void DeliveryIgnored(this ILogger logger, BrokerEndpoint endpoint, ulong subscriptionId);

    [LoggerMessage(3009, LogLevel.Debug, "{Endpoint} sent operation {OpCode}, which this client does not know")]
    public static partial void OperationIgnored(this ILogger logger, BrokerEndpoint endpoint, ushort opCode);

    [LoggerMessage(3010, LogLevel.Warning, "{Endpoint} cannot renew leases, so messages come again that take longer than their lease: {Reason}")]
    public static partial void RenewalNotSupported(this ILogger logger, BrokerEndpoint endpoint, string reason);

    [LoggerMessage(3011, LogLevel.Warning, "{Count} deliveries of {Subscription} lost their lease; others may get the messages")]
    public static partial void LeasesLost(this ILogger logger, string subscription, int count);

    [LoggerMessage(3012, LogLevel.Warning, "{Count} deliveries of {Subscription} are not settled after {Limit} and will not be renewed any more")]
    public static partial void LeasesGivenUp(this ILogger logger, string subscription, int count, TimeSpan limit);

    [LoggerMessage(3013, LogLevel.Debug, "Leases of {Subscription} were not renewed this time: {Reason}")]
    public static partial void RenewalFailed(this ILogger logger, string subscription, string reason);

    [LoggerMessage(3014, LogLevel.Information, "{Endpoint} decided about the subscription to {Subscription}: {Action} ({Reason})")]
    public static partial void Reconciled(
        this ILogger logger, BrokerEndpoint endpoint, string subscription, Protocol.ReconcileAction action, Protocol.CloseReason reason);

    [LoggerMessage(3015, LogLevel.Information, "The subscription to {Subscription} tries to come back: {Reason}")]
    public static partial void SubscriptionInterrupted(this ILogger logger, string subscription, string reason);

    [LoggerMessage(3016, LogLevel.Information, "The subscription to {Subscription} is back")]
    public static partial void SubscriptionRecovered(this ILogger logger, string subscription);

    [LoggerMessage(3017, LogLevel.Information, "The subscription to {Subscription} ended for good: {Reason}")]
    public static partial void SubscriptionEnded(this ILogger logger, string subscription, string reason);

    [LoggerMessage(3018, LogLevel.Debug, "The topology was not fetched from {Endpoint}: {Reason}")]
    public static partial void TopologyNotFetched(this ILogger logger, BrokerEndpoint endpoint, string reason);

    [LoggerMessage(3019, LogLevel.Information, "{Endpoint} is in use instead of {Before}, which cannot be reached")]
    public static partial void HomeChanged(this ILogger logger, BrokerEndpoint endpoint, BrokerEndpoint before);

    [LoggerMessage(3020, LogLevel.Information, "{Endpoint} owns nothing any more; its connection closes")]
    public static partial void BrokerRetired(this ILogger logger, BrokerEndpoint endpoint);

    [LoggerMessage(3021, LogLevel.Warning, "{Channel} matches a pattern but could not be subscribed to: {Reason}")]
    public static partial void MatchNotAttached(this ILogger logger, string channel, string reason);
}
