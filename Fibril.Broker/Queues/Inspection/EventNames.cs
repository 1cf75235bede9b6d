using System.Text;
using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Queues.Inspection;

/// <summary>The stable names of what happened to a message. A number that a newer version wrote has a name, too.</summary>
internal static class EventNames
{
    public static string Of(SettleReason reason) => reason switch
    {
        SettleReason.Completed => "completed",
        SettleReason.Failed => "failed",
        SettleReason.RetriesExhausted => "retries_exhausted",
        SettleReason.Expired => "expired",
        SettleReason.DeadLettered => "dead_lettered",
        SettleReason.Discarded => "discarded",
        SettleReason.Removed => "removed",
        SettleReason.Replayed => "replayed",
        _ => $"reason_{(byte)reason}",
    };

    public static string Of(ReturnCause cause) => cause switch
    {
        ReturnCause.Retried => "retried",
        ReturnCause.LeaseExpired => "lease_expired",
        ReturnCause.Released => "released",
        _ => $"cause_{(byte)cause}",
    };

    public static string Of(DeadLetterReason reason) =>
        Enum.IsDefined(reason) ? Encoding.UTF8.GetString(DeadLetterReasons.NameOf(reason)) : $"reason_{(byte)reason}";
}
