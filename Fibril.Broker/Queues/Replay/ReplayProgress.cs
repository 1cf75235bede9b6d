using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Broker.Queues.Inspection;

namespace Fibril.Broker.Queues.Replay;

/// <summary>How it stands with a job.</summary>
internal enum ReplayState
{
    Running,

    /// <summary>Everything was looked at, or as many as were asked for.</summary>
    Completed,

    /// <summary>As many failed as were allowed.</summary>
    TooManyFailures,

    /// <summary>An operator has ended it.</summary>
    Cancelled,

    /// <summary>The broker was stopped.</summary>
    Interrupted,

    /// <summary>The dead letters cannot be read; the error says why.</summary>
    Failed,
}

/// <summary>The stable names of states.</summary>
internal static class ReplayStates
{
    public static string NameOf(ReplayState state) => state switch
    {
        ReplayState.Running => "running",
        ReplayState.Completed => "completed",
        ReplayState.TooManyFailures => "too_many_failures",
        ReplayState.Cancelled => "cancelled",
        ReplayState.Interrupted => "interrupted",
        ReplayState.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };
}

/// <summary>A job at one moment.</summary>
internal sealed record ReplayProgress(ReplayState State, long StartedMs)
{
    /// <summary>Messages that were looked at.</summary>
    public long Examined { get; init; }

    /// <summary>Dead letters that met the filter.</summary>
    public long Matched { get; init; }

    /// <summary>Copies that are durable.</summary>
    public long Replayed { get; init; }

    /// <summary>Dead letters that are settled for good, without a copy.</summary>
    public long Deleted { get; init; }

    public long Skipped { get; init; }

    public long Failed { get; init; }

    /// <summary>Dead letters that were copied to be moved, and are still there.</summary>
    public long Kept { get; init; }

    /// <summary>Where the job is: everything before this was looked at. Null before it has begun.</summary>
    public MessageLink? Position { get; init; }

    /// <summary>Unix milliseconds; null while it runs.</summary>
    public long? EndedMs { get; init; }

    /// <summary>Copies that can be withdrawn as long as nobody was given them; at most, as some may have been.</summary>
    public long Undoable { get; init; }

    /// <summary>What came of withdrawing them; null when that was not asked for.</summary>
    public UndoReport? Undo { get; init; }

    /// <summary>Why the job failed.</summary>
    public string? Error { get; init; }

    /// <summary>The first dead letters that a dry run has found.</summary>
    public IReadOnlyList<ReplaySample> Samples { get; init; } = [];

    /// <summary>The newest dead letters that were not replayed, or not settled, and why.</summary>
    public IReadOnlyList<ReplayTrouble> LastTroubles { get; init; } = [];
}

/// <summary>A dead letter that would be replayed.</summary>
internal sealed record ReplaySample(MessageLink DeadLetter, DeadLetterSource Source);

/// <summary>A dead letter that the job could not deal with as it was told.</summary>
internal sealed record ReplayTrouble(PartitionId Partition, ReplayItem Item);
