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
    long? Max = null);

/// <summary>The body of <c>POST /admin/api/dlq/replay/bulk</c>.</summary>
internal sealed record BulkReplayBody(
    string DlqTopic,
    string? DlqGroup = null,
    int? Partition = null,
    ReplayFilterBody? Filter = null,
    bool DryRun = false,
    int? RateLimitPerSec = null,
    int? MaxFailures = null,
    AfterReplay After = AfterReplay.Keep);

/// <summary>A replay of many dead letters.</summary>
internal sealed record ReplayJobView(
    long Id,
    string DlqTopic,
    string? DlqGroup,
    int? Partition,
    bool DryRun,
    AfterReplay After,
    ReplayState State,
    long StartedMs,
    long? EndedMs,
    long Examined,
    long Matched,
    long Replayed,
    long Skipped,
    long Failed,
    long Kept,
    MessageLinkView? Position,
    string? Error,
    IReadOnlyList<ReplaySampleView> Samples,
    IReadOnlyList<ReplayTroubleView> LastTroubles)
{
    public static ReplayJobView Of(ReplayJob job)
    {
        (BulkReplayRequest request, ReplayProgress progress) = (job.Request, job.Progress);
        return new ReplayJobView(
            job.Id, request.DeadLetters.Topic, request.DeadLetters.Group, request.Partition, request.IsDryRun,
            request.Mode == ReplayMode.Move ? AfterReplay.Ack : AfterReplay.Keep, progress.State, progress.StartedMs, progress.EndedMs,
            progress.Examined, progress.Matched, progress.Replayed, progress.Skipped, progress.Failed, progress.Kept,
            MessageLinkView.Of(progress.Position), progress.Error,
            [.. progress.Samples.Select(static sample => new ReplaySampleView(MessageLinkView.Of(sample.DeadLetter)!, DeadLetterSourceView.Of(sample.Source)!))],
            [.. progress.LastTroubles.Select(static trouble => new ReplayTroubleView(trouble.Partition.Partition, ReplayItemView.Of(trouble.Item)))]);
    }
}

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
