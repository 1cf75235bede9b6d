using Fibril.Protocol;

namespace Fibril.Client.Recovery;

/// <summary>What becomes of a subscription when one of its partitions ended.</summary>
internal enum Continuation
{
    /// <summary>The subscription subscribes again.</summary>
    Resubscribe,

    /// <summary>The partition is left out; the others go on.</summary>
    Leave,

    /// <summary>The subscription ends with the cause.</summary>
    End,
}

/// <summary>Decides how subscriptions go on. Pure.</summary>
internal static class Supervision
{
    /// <param name="cause">Why the partition ended.</param>
    /// <param name="isSupervised">False for a subscription that is to end with whatever ends one of its partitions.</param>
    /// <param name="followsAdvice">False: the advice to subscribe again ends the subscription.</param>
    /// <param name="canReconnect">False: a lost connection stays lost.</param>
    /// <param name="isRetired">True when the topology shows the channel without this partition.</param>
    public static Continuation Decide(FibrilException cause, bool isSupervised, bool followsAdvice, bool canReconnect, bool isRetired)
    {
        CloseReason? reason = (cause as FibrilSubscriptionClosedException)?.Reason;
        if (isRetired && IsEndOfPartition(reason)) return Continuation.Leave;
        if (!isSupervised) return Continuation.End;
        if (cause is FibrilSubscriptionClosedException closed) return Decide(closed, followsAdvice, canReconnect);
        if (cause is FibrilConnectionException) return canReconnect ? Continuation.Resubscribe : Continuation.End;
        return cause.IsTransient ? Continuation.Resubscribe : Continuation.End;
    }

    private static bool IsEndOfPartition(CloseReason? reason) =>
        reason is null or CloseReason.OwnerMoved or CloseReason.TopicDeleted or CloseReason.ServerMissing or CloseReason.Recreate;

    private static Continuation Decide(FibrilSubscriptionClosedException closed, bool followsAdvice, bool canReconnect) => closed.Verdict switch
    {
        ReconcileAction.RecreateClientSide => followsAdvice ? Continuation.Resubscribe : Continuation.End,

        // The broker only says that it does not have it, as it does after a restart or when the partition has moved.
        ReconcileAction.CloseClientSide => closed.Reason == CloseReason.ServerMissing ? Continuation.Resubscribe : Continuation.End,
        null => closed.Reason switch
        {
            CloseReason.TopicDeleted or CloseReason.Lagged or CloseReason.ServerError => Continuation.End,
            CloseReason.Recreate => followsAdvice ? Continuation.Resubscribe : Continuation.End,
            CloseReason.BrokerShutdown => canReconnect ? Continuation.Resubscribe : Continuation.End,
            _ => Continuation.Resubscribe, // unknown codes too (5.7)
        },
        _ => Continuation.End,
    };
}
