using Fibril.Protocol;

namespace Fibril.Client;

/// <summary>Why a subscription is over.</summary>
public enum SubscriptionEndReason
{
    /// <summary>The application disposed the subscription or its client.</summary>
    Unsubscribed = 1,

    /// <summary>The queue or stream was deleted.</summary>
    TopicDeleted = 2,

    /// <summary>Another broker owns a partition now. Ends subscriptions that are not supervised.</summary>
    OwnerMoved = 3,

    /// <summary>After a reconnect the broker decided against it; the error has the verdict and the code.</summary>
    Reconciled = 4,

    /// <summary>The broker advised to subscribe again, and that is switched off.</summary>
    Recreated = 5,

    /// <summary>The connection was lost and did not come back; the error says why.</summary>
    Disconnected = 6,

    /// <summary>The broker stopped, and the client does not reconnect.</summary>
    BrokerShutdown = 7,

    /// <summary>The reader of a stream fell too far behind.</summary>
    Lagged = 8,

    /// <summary>Anything else that a broker decided; the error has its code.</summary>
    ServerError = 9,
}

/// <summary>The one end of a subscription.</summary>
public sealed class SubscriptionEnd
{
    internal SubscriptionEnd(FibrilException? error)
    {
        Error = error;
        Reason = error switch
        {
            null => SubscriptionEndReason.Unsubscribed,
            FibrilSubscriptionClosedException closed => ReasonOf(closed),
            FibrilConnectionException or FibrilTimeoutException => SubscriptionEndReason.Disconnected,
            _ => SubscriptionEndReason.ServerError,
        };
    }

    /// <summary>What programs branch on.</summary>
    public SubscriptionEndReason Reason { get; }

    /// <summary>What the sequence ended with; null when it ended without an error.</summary>
    public FibrilException? Error { get; }

    private static SubscriptionEndReason ReasonOf(FibrilSubscriptionClosedException closed) => closed switch
    {
        { Verdict: ReconcileAction.RecreateClientSide } or { Reason: CloseReason.Recreate } => SubscriptionEndReason.Recreated,
        { Verdict: not null } => SubscriptionEndReason.Reconciled,
        { Reason: CloseReason.TopicDeleted } => SubscriptionEndReason.TopicDeleted,
        { Reason: CloseReason.OwnerMoved } => SubscriptionEndReason.OwnerMoved,
        { Reason: CloseReason.BrokerShutdown } => SubscriptionEndReason.BrokerShutdown,
        { Reason: CloseReason.Lagged } => SubscriptionEndReason.Lagged,
        _ => SubscriptionEndReason.ServerError,
    };
}
