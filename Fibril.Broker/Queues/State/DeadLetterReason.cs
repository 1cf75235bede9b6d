namespace Fibril.Broker.Queues.State;

/// <summary>Why a message follows its queue's dead-letter policy. Numbers stand in event records and snapshots: append only.</summary>
internal enum DeadLetterReason : byte
{
    /// <summary>A consumer asked for one retry more than the queue allows.</summary>
    RetriesExhausted = 1,

    /// <summary>A consumer failed it for good.</summary>
    TerminalNack = 2,

    /// <summary>Its time to live ran out.</summary>
    Expired = 3,

    /// <summary>A restart interrupted the copy, for whichever reason it was made (D-33).</summary>
    PendingRecovery = 4,

    /// <summary>The queue was full, and its overflow policy gives up the oldest.</summary>
    Overflow = 5,
}

/// <summary>The names that stand in the headers of dead letters (D-32).</summary>
internal static class DeadLetterReasons
{
    public static ReadOnlySpan<byte> NameOf(DeadLetterReason reason) => reason switch
    {
        DeadLetterReason.RetriesExhausted => "retries_exhausted"u8,
        DeadLetterReason.TerminalNack => "terminal_nack"u8,
        DeadLetterReason.Expired => "expired"u8,
        DeadLetterReason.PendingRecovery => "pending_recovery"u8,
        DeadLetterReason.Overflow => "overflow"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };
}
