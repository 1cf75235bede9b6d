namespace Fibril.Dashboard.Api.Models;

/// <summary>Where dead letters of queues with the policy global go: <c>GET /admin/api/global-dlq</c>.</summary>
public sealed record GlobalTargetState(long Version, ChannelName? Target);

/// <summary>A page of queues that keep what fails for good: <c>GET /admin/api/dlq</c>.</summary>
public sealed record DeadLetterSources(int Total, IReadOnlyList<DeadLetterSourceRow> Queues);

/// <summary>A queue with a dead-letter policy other than discard.</summary>
public sealed record DeadLetterSourceRow(
    string Topic, string? Group, string Policy, ChannelName? Target, int? MaxRetries, long PendingDlqCount, int LoadedPartitions, int PartitionCount, long? TargetDepth, string? Error)
{
    public string Key => $"{Topic}@{Group}";
}

/// <summary>A page of queues that dead letters go to: <c>GET /admin/api/dlq/targets</c>.</summary>
public sealed record DeadLetterTargets(int Total, IReadOnlyList<DeadLetterTargetRow> Targets);

/// <summary>A queue that dead letters go to.</summary>
public sealed record DeadLetterTargetRow(
    string Topic, string? Group, bool Exists, bool IsGlobal, int SourceCount, int PartitionCount, int LoadedPartitions, long? Depth, long ReadyCount, long InflightCount, long? OldestMs,
    long? ReceivedLastHour, long Subscriptions, long StoredBytes, string? Error)
{
    public string Key => $"{Topic}@{Group}";
}

/// <summary>The dead letters of a queue by their causes: <c>GET /admin/api/dlq/groups</c>.</summary>
/// <param name="Examined">Messages that were looked at, the newest first.</param>
/// <param name="Matched">Dead letters among them.</param>
/// <param name="IsCut">True when older ones were not looked at.</param>
/// <param name="OldestMs">When the oldest of them failed for good.</param>
/// <param name="NewestMs">When the newest did.</param>
/// <param name="Histogram">How many failed when.</param>
/// <param name="Groups">The largest first.</param>
/// <param name="Other">Those of causes beyond the bound.</param>
public sealed record FailureGroups(
    long Examined, long Matched, bool IsCut, long? OldestMs, long? NewestMs, FailureHistogram Histogram, IReadOnlyList<FailureGroup> Groups, OtherFailures? Other);

/// <summary>Counts in intervals of one length; the last one is the present.</summary>
public sealed record FailureHistogram(long FromMs, long IntervalMs, IReadOnlyList<long> Counts);

/// <summary>Dead letters of one cause.</summary>
public sealed record FailureGroup(
    string Fingerprint, string Title, string Basis, string? Reason, string SourceTopic, string? SourceGroup, long Count, long? OldestMs, long? NewestMs, long? RetriesMin, long? RetriesMax,
    IReadOnlyList<FailureSample> Samples, IReadOnlyList<long> Counts);

/// <summary>Where a dead letter is.</summary>
public sealed record FailureSample(int Partition, long Offset);

/// <summary>Dead letters of causes that have no group of their own.</summary>
public sealed record OtherFailures(long Count, long? OldestMs, long? NewestMs);

/// <summary>The jobs that are known: <c>GET /admin/api/dlq/replay/jobs</c>.</summary>
public sealed record DeadLetterJobs(IReadOnlyList<DeadLetterJob> Jobs);

/// <summary>A job that goes through many dead letters.</summary>
public sealed record DeadLetterJob(
    long Id, string Action, string DlqTopic, string? DlqGroup, int? Partition, bool DryRun, string After, JobFilter? Filter, ChannelName? Target, int? RateLimitPerSec, int? MaxFailures,
    string? StartedBy, string State, long StartedMs, long? EndedMs, long Examined, long Matched, long Replayed, long Deleted, long Skipped, long Failed, long Kept, long Undoable,
    string? UndoableUntil, string? NotUndoableReason, JobUndo? Undo, string? Error, IReadOnlyList<JobSample> Samples, IReadOnlyList<JobTrouble> LastTroubles)
{
    public string Key => $"{Id}";

    public bool IsRunning => State == "running";

    public bool IsDeletion => Action == "delete";

    /// <summary>Dead letters that it is done with.</summary>
    public long Done => Replayed + Deleted + Skipped + Failed;
}

/// <summary>Which dead letters; what is null is no condition.</summary>
public sealed record JobFilter(
    IReadOnlyList<string>? Reason, string? SourceTopic, string? SourceGroup, long? FromMs, long? ToMs, IReadOnlyDictionary<string, string>? Header, long? Max, IReadOnlyList<string>? Fingerprint);

/// <summary>What came of withdrawing the copies of a job.</summary>
public sealed record JobUndo(long AtMs, long Withdrawn, long TooLate, long Left, string? Error);

/// <summary>The answer of an undo.</summary>
public sealed record UndoneJob(long Id, long Withdrawn, long TooLate, long Left, string? Error);

/// <summary>A dead letter that a dry run has found.</summary>
public sealed record JobSample(MessagePlace DeadLetter, DeadLetterSource Source);

/// <summary>A dead letter that a job could not deal with as it was told.</summary>
public sealed record JobTrouble(int Partition, TransferItem Item);
