using Fibril.Broker.Queues.Replay;

namespace Fibril.Broker.Admin.Views;

/// <summary>What becomes of a dead letter when its copy is durable.</summary>
internal enum AfterReplay
{
    Keep,
    Ack,
}

/// <summary>The body of <c>POST /admin/api/dlq/replay</c>.</summary>
internal sealed record ReplayBody(string DlqTopic, IReadOnlyList<long> Offsets, string? DlqGroup = null, int Partition = 0, AfterReplay After = AfterReplay.Keep);

/// <summary>What became of the messages of a request, in its order.</summary>
internal sealed record ReplayReportView(int Requested, int Replayed, IReadOnlyList<ReplayItemView> Items)
{
    public static ReplayReportView Of(ReplayReport report) => new(report.Requested, report.Replayed, [.. report.Items.Select(ReplayItemView.Of)]);
}

/// <summary>What became of one message.</summary>
/// <param name="Offset">Which.</param>
/// <param name="Outcome"><c>replayed</c>, <c>skipped</c> or <c>failed</c>.</param>
/// <param name="TargetTopic">Where its copy is.</param>
/// <param name="TargetGroup">Where its copy is.</param>
/// <param name="TargetPartition">Where its copy is.</param>
/// <param name="TargetOffset">Where its copy is.</param>
/// <param name="Reason">Why not.</param>
internal sealed record ReplayItemView(
    long Offset, ReplayOutcome Outcome, string? TargetTopic, string? TargetGroup, int? TargetPartition, long? TargetOffset, string? Reason)
{
    public static ReplayItemView Of(ReplayItem item) => new(
        item.Offset, item.Outcome, item.Copy?.Partition.Queue.Topic, item.Copy?.Partition.Queue.Group, item.Copy?.Partition.Partition, item.Copy?.Offset, item.Reason);
}

/// <summary>Which dead letters to replay: those that meet every condition that is given.</summary>
internal sealed record ReplayFilterBody(
    IReadOnlyList<string>? Reason = null,
    string? SourceTopic = null,
    string? SourceGroup = null,
    long? FromMs = null,
    long? ToMs = null,
    IReadOnlyDictionary<string, string>? Header = null,
    long? Max = null,
    IReadOnlyList<string>? Fingerprint = null)
{
    public static ReplayFilterBody Of(BulkReplayRequest request) => new(
        ListOf(request.Filter.Reasons), request.Filter.Source?.Topic, request.Filter.Source?.Group, request.Filter.FromMs, request.Filter.ToMs,
        request.Filter.Headers.Count == 0 ? null : request.Filter.Headers.ToDictionary(), request.MostMessages, ListOf(request.Filter.Fingerprints));

    private static IReadOnlyList<string>? ListOf(IReadOnlyCollection<string> values) => values.Count == 0 ? null : [.. values];
}

/// <summary>The body of <c>POST /admin/api/dlq/replay/bulk</c>.</summary>
/// <param name="DlqTopic">Where the dead letters are.</param>
/// <param name="DlqGroup">Where the dead letters are.</param>
/// <param name="Partition">One partition only; null for all.</param>
/// <param name="Filter">Which; null for all.</param>
/// <param name="DryRun">True: only count, and show some.</param>
/// <param name="RateLimitPerSec">Most copies in a second; null for as fast as it goes.</param>
/// <param name="MaxFailures">Stops at so many failures.</param>
/// <param name="After">What becomes of a dead letter whose copy is durable.</param>
/// <param name="Target">Where the copies go; null for where each dead letter came from.</param>
internal sealed record BulkReplayBody(
    string DlqTopic,
    string? DlqGroup = null,
    int? Partition = null,
    ReplayFilterBody? Filter = null,
    bool DryRun = false,
    int? RateLimitPerSec = null,
    int? MaxFailures = null,
    AfterReplay After = AfterReplay.Keep,
    QueueTarget? Target = null);

/// <summary>The body of <c>POST /admin/api/dlq/settle/bulk</c>, which means what it means for a replay.</summary>
internal sealed record BulkSettleBody(
    string DlqTopic, string? DlqGroup = null, int? Partition = null, ReplayFilterBody? Filter = null, bool DryRun = false, int? RateLimitPerSec = null);

/// <summary>What a job does with dead letters.</summary>
internal enum ReplayAction
{
    Replay,
    Delete,
}

/// <summary>A job that goes through many dead letters: a replay, or one that deletes them.</summary>
/// <param name="Id">Its number, unique over restarts of the broker.</param>
/// <param name="Action">What it does with those that match.</param>
/// <param name="DlqTopic">Where the dead letters are.</param>
/// <param name="DlqGroup">Where the dead letters are.</param>
/// <param name="Partition">One partition only; null for all.</param>
/// <param name="DryRun">True: only counts, and shows some.</param>
/// <param name="After">What becomes of a dead letter that was dealt with: it stays, or is settled. One that is deleted is settled.</param>
/// <param name="Filter">Which dead letters; what is null is no condition.</param>
/// <param name="Target">Where copies go; null for where each dead letter came from.</param>
/// <param name="RateLimitPerSec">Most dead letters in a second; null for as fast as it goes.</param>
/// <param name="MaxFailures">It stops at so many failures.</param>
/// <param name="StartedBy">Who has asked for it.</param>
/// <param name="State">How it stands with it.</param>
/// <param name="StartedMs">Unix milliseconds.</param>
/// <param name="EndedMs">Unix milliseconds; null while it runs.</param>
/// <param name="Examined">Messages that were looked at.</param>
/// <param name="Matched">Dead letters that met the filter.</param>
/// <param name="Replayed">Copies that are durable.</param>
/// <param name="Deleted">Dead letters that are deleted.</param>
/// <param name="Skipped">Dead letters with nothing to be done to them.</param>
/// <param name="Failed">Copies that could not be made.</param>
/// <param name="Kept">Dead letters that were copied to be moved, and are still there.</param>
/// <param name="Undoable">Copies that can be withdrawn, as long as nobody was given them.</param>
/// <param name="UndoableUntil">Until when, in words; null when none can.</param>
/// <param name="NotUndoableReason">Why none can; null when some can.</param>
/// <param name="Undo">What came of withdrawing them; null when that was not asked for.</param>
/// <param name="Position">Everything before this was looked at.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Samples">The first dead letters that a dry run has found.</param>
/// <param name="LastTroubles">The newest dead letters that it could not deal with as it was told.</param>
internal sealed record ReplayJobView(
    long Id,
    ReplayAction Action,
    string DlqTopic,
    string? DlqGroup,
    int? Partition,
    bool DryRun,
    AfterReplay After,
    ReplayFilterBody Filter,
    QueueTarget? Target,
    int? RateLimitPerSec,
    int MaxFailures,
    string? StartedBy,
    ReplayState State,
    long StartedMs,
    long? EndedMs,
    long Examined,
    long Matched,
    long Replayed,
    long Deleted,
    long Skipped,
    long Failed,
    long Kept,
    long Undoable,
    string? UndoableUntil,
    string? NotUndoableReason,
    UndoneView? Undo,
    MessageLinkView? Position,
    string? Error,
    IReadOnlyList<ReplaySampleView> Samples,
    IReadOnlyList<ReplayTroubleView> LastTroubles)
{
    private static readonly string Until = $"{ReplayJobs.MostKept} later jobs are known, or the broker restarts";

    public static ReplayJobView Of(ReplayJob job)
    {
        string? whyNot = job.WhyNotToUndo;
        (BulkReplayRequest request, ReplayProgress progress) = (job.Request, job.Progress);
        return new ReplayJobView(
            job.Id, request.IsDeletion ? ReplayAction.Delete : ReplayAction.Replay, request.DeadLetters.Topic, request.DeadLetters.Group, request.Partition, request.IsDryRun,
            request is { Mode: ReplayMode.Copy, IsDeletion: false } ? AfterReplay.Keep : AfterReplay.Ack, ReplayFilterBody.Of(request), QueueTarget.Of(request.Target), request.MostPerSecond, request.MostFailures,
            request.StartedBy, progress.State, progress.StartedMs, progress.EndedMs,
            progress.Examined, progress.Matched, progress.Replayed, progress.Deleted, progress.Skipped, progress.Failed, progress.Kept,
            whyNot is null ? progress.Undoable : 0, whyNot is null ? Until : null, whyNot, UndoneView.Of(progress.Undo),
            MessageLinkView.Of(progress.Position), progress.Error,
            [.. progress.Samples.Select(static sample => new ReplaySampleView(MessageLinkView.Of(sample.DeadLetter)!, DeadLetterSourceView.Of(sample.Source)!))],
            [.. progress.LastTroubles.Select(static trouble => new ReplayTroubleView(trouble.Partition.Partition, ReplayItemView.Of(trouble.Item)))]);
    }
}

/// <summary>What came of withdrawing copies.</summary>
/// <param name="AtMs">When, in Unix milliseconds.</param>
/// <param name="Withdrawn">Copies that nobody was given, and that are gone now.</param>
/// <param name="TooLate">Copies that a consumer has or had, that are settled, or that went with their queue.</param>
/// <param name="Left">Copies whose partition did not answer; they can be withdrawn later.</param>
/// <param name="Error">Why it did not.</param>
internal sealed record UndoneView(long AtMs, long Withdrawn, long TooLate, long Left, string? Error)
{
    public static UndoneView? Of(UndoReport? report) =>
        report is null ? null : new UndoneView(report.AtMs, report.Withdrawn, report.TooLate, report.Left, report.Error);
}

/// <summary>The answer of <c>POST /admin/api/dlq/replay/jobs/{id}/undo</c>.</summary>
/// <param name="Id">The job.</param>
/// <param name="Withdrawn">Copies that nobody was given, and that are gone now.</param>
/// <param name="TooLate">Copies that a consumer has or had, that are settled, or that went with their queue.</param>
/// <param name="Left">Copies whose partition did not answer; they can be withdrawn later.</param>
/// <param name="Error">Why it did not.</param>
/// <param name="Job">The job as it stands now.</param>
internal sealed record ReplayUndoView(long Id, long Withdrawn, long TooLate, long Left, string? Error, ReplayJobView Job);

/// <summary>A dead letter that would be replayed.</summary>
internal sealed record ReplaySampleView(MessageLinkView DeadLetter, DeadLetterSourceView Source);

/// <summary>A dead letter that the replay could not deal with as it was told.</summary>
internal sealed record ReplayTroubleView(int Partition, ReplayItemView Item);

/// <summary>The replays that are known.</summary>
internal sealed record ReplayJobsView(IReadOnlyList<ReplayJobView> Jobs);

/// <summary>The body of <c>POST /admin/api/dlq/settle</c>.</summary>
internal sealed record SettleDeadLettersBody(string DlqTopic, IReadOnlyList<long> Offsets, string? DlqGroup = null, int Partition = 0);

/// <summary>The global dead-letter target.</summary>
/// <param name="Version">Grows by one with every change; 0 while it was never set.</param>
/// <param name="Target">The queue; null for none.</param>
internal sealed record GlobalDlqView(long Version, GlobalDlqTargetView? Target);

/// <summary>Where dead letters of queues with the policy global go.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Part">Always 0.</param>
/// <param name="Group">The group.</param>
internal sealed record GlobalDlqTargetView(string Topic, int Part, string? Group);

/// <summary>The body of <c>PUT /admin/api/global-dlq</c>. A target of null clears it.</summary>
internal sealed record GlobalDlqBody(long ExpectedVersion, QueueTarget? Target = null);
