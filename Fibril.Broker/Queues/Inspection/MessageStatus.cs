namespace Fibril.Broker.Queues.Inspection;

/// <summary>The state of a message, as operators name it.</summary>
internal enum MessageStatus
{
    Ready,
    Inflight,
    Delayed,
    PendingDlq,
    Settled,
}

/// <summary>The stable names of states.</summary>
internal static class MessageStatuses
{
    public static string NameOf(MessageStatus status) => status switch
    {
        MessageStatus.Ready => "ready",
        MessageStatus.Inflight => "inflight",
        MessageStatus.Delayed => "delayed",
        MessageStatus.PendingDlq => "pending_dlq",
        MessageStatus.Settled => "settled",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };
}
