namespace Fibril.Broker.Queues.Inspection;

/// <summary>What became of a message that an operator wants to be gone.</summary>
internal enum RemovalOutcome
{
    /// <summary>It is settled, and that is durable.</summary>
    Removed,

    /// <summary>No message has this offset yet.</summary>
    Unknown,

    /// <summary>It was finished before.</summary>
    SettledAlready,

    /// <summary>A consumer has it: it is that one's to settle.</summary>
    Leased,

    /// <summary>Its copy to the dead-letter target is being made right now.</summary>
    BeingCopied,
}

/// <summary>What became of one message.</summary>
internal sealed record Removal(long Offset, RemovalOutcome Outcome);

/// <summary>The stable names of outcomes, and what operators read.</summary>
internal static class RemovalOutcomes
{
    public static string NameOf(RemovalOutcome outcome) => outcome switch
    {
        RemovalOutcome.Removed => "removed",
        RemovalOutcome.Unknown => "unknown",
        RemovalOutcome.SettledAlready => "settled_already",
        RemovalOutcome.Leased => "leased",
        RemovalOutcome.BeingCopied => "being_copied",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };

    /// <summary>Why a message was not removed, and what can be done; null when it was.</summary>
    public static string? ReasonOf(RemovalOutcome outcome) => outcome switch
    {
        RemovalOutcome.Removed => null,
        RemovalOutcome.Unknown => "no message has this offset yet",
        RemovalOutcome.SettledAlready => "it is settled already",
        RemovalOutcome.Leased => "a consumer has it; try again when it has settled it, or its lease is over",
        RemovalOutcome.BeingCopied => "its copy to the dead-letter target is being made right now, which settles it",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };
}
