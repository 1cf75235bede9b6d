using Fibril.Protocol;

namespace Fibril.Client;

/// <summary>The broker ended a subscription. Thrown by the sequence behind the last message that had arrived.</summary>
public sealed class FibrilSubscriptionClosedException : FibrilException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="reason">Code of the notice; may be one that this version has no name for.</param>
    /// <param name="serverMessage">Text of the notice.</param>
    /// <param name="subscription">Which subscription, for the message of this exception.</param>
    public FibrilSubscriptionClosedException(CloseReason reason, string serverMessage, string subscription)
        : base($"The broker ended {subscription} ({Describe(reason)}): {serverMessage}", !IsFinal(reason))
    {
        Reason = reason;
        ServerMessage = serverMessage;
    }

    /// <summary>Why. Subscribing again can help unless the channel is gone, the reader lagged or the broker failed.</summary>
    public CloseReason Reason { get; }

    /// <summary>The verdict, when a reconciliation after a reconnect ended the subscription; null when a notice did.</summary>
    public ReconcileAction? Verdict { get; internal init; }

    /// <summary>The broker's own words, for people.</summary>
    public string ServerMessage { get; }

    private static bool IsFinal(CloseReason reason) => reason is CloseReason.TopicDeleted or CloseReason.Lagged or CloseReason.ServerError;

    private static string Describe(CloseReason reason) =>
        Enum.IsDefined(reason) ? $"code {(ushort)reason}, {reason}" : $"code {(ushort)reason}";
}
