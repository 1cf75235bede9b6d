using Fibril.Broker.Queues.Inspection;

namespace Fibril.Broker.Queues.Replay;

/// <summary>What became of one dead letter.</summary>
internal enum ReplayOutcome
{
    /// <summary>Its copy is durable.</summary>
    Replayed,

    /// <summary>It is settled for good, and no copy was asked for.</summary>
    Deleted,

    /// <summary>There was nothing to replay: it is no dead letter, or not there, or somebody has it (D-64).</summary>
    Skipped,

    /// <summary>The copy could not be made (D-66).</summary>
    Failed,
}

/// <summary>One line of the report of a replay.</summary>
/// <param name="Offset">The dead letter.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Copy">Where the copy is; null unless it was made.</param>
/// <param name="Reason">Why it was not replayed; of one that was moved, why it is still there. Null otherwise. For operators.</param>
internal sealed record ReplayItem(long Offset, ReplayOutcome Outcome, MessageLink? Copy, string? Reason)
{
    public static ReplayItem Skipped(long offset, string reason) => new(offset, ReplayOutcome.Skipped, null, reason);

    public static ReplayItem Deleted(long offset) => new(offset, ReplayOutcome.Deleted, null, null);

    public static ReplayItem Failed(long offset, string reason) => new(offset, ReplayOutcome.Failed, null, reason);
}
