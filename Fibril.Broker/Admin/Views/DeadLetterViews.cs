using Fibril.Broker.Queues.Failures;

namespace Fibril.Broker.Admin.Views;

/// <summary>The dead letters of a queue by their causes, as far as they were looked at.</summary>
/// <param name="Topic">The queue they are in.</param>
/// <param name="Group">The queue they are in.</param>
/// <param name="Partition">The one partition that was looked at; null for all.</param>
/// <param name="Examined">Messages that were looked at, the newest first.</param>
/// <param name="Matched">Dead letters among them.</param>
/// <param name="IsCut">True when there are older messages that were not looked at: all numbers are of the newest ones.</param>
/// <param name="OldestMs">When the oldest of them became a dead letter, in Unix milliseconds.</param>
/// <param name="NewestMs">The same of the newest.</param>
/// <param name="Histogram">How many became dead letters when.</param>
/// <param name="Groups">The largest first.</param>
/// <param name="Other">Dead letters of causes beyond the 200 that were met first; null when there are none.</param>
internal sealed record FailureGroupsView(
    string Topic,
    string? Group,
    int? Partition,
    long Examined,
    long Matched,
    bool IsCut,
    long? OldestMs,
    long? NewestMs,
    HistogramView Histogram,
    IReadOnlyList<FailureGroupView> Groups,
    OtherFailuresView? Other)
{
    /// <param name="report">What was found.</param>
    /// <param name="showsPayloads">False for who may not look at payloads: the names of their fields are left out.</param>
    public static FailureGroupsView Of(FailureReport report, bool showsPayloads) => new(
        report.Question.Queue.Topic, report.Question.Queue.Group, report.Question.Partition, report.Examined, report.All.Count, report.IsCut, report.All.OldestMs, report.All.NewestMs,
        new HistogramView(report.Intervals.FromMs, report.Intervals.LengthMs, report.All.Counts),
        [.. report.Groups.Select(group => FailureGroupView.Of(group, showsPayloads))],
        report.Others is { } others ? new OtherFailuresView(others.Count, others.OldestMs, others.NewestMs, others.Counts) : null);
}

/// <summary>Counts in intervals of one length, which begin at whole multiples of it; the last one is the present.</summary>
/// <param name="FromMs">When the first interval begins, in Unix milliseconds.</param>
/// <param name="IntervalMs">Length of each, in milliseconds.</param>
/// <param name="Counts">The oldest first.</param>
internal sealed record HistogramView(long FromMs, long IntervalMs, IReadOnlyList<long> Counts);

/// <summary>Dead letters of one cause.</summary>
/// <param name="Fingerprint">16 hexadecimal digits: the same for the same cause. A filter of a replay takes it.</param>
/// <param name="Title">What people read.</param>
/// <param name="Basis">What it was made of besides reason and source: headers that tell of an error, or what the payload looks like.</param>
/// <param name="Reason">Why they became dead letters.</param>
/// <param name="SourceTopic">The queue they failed in.</param>
/// <param name="SourceGroup">The queue they failed in.</param>
/// <param name="Count">How many.</param>
/// <param name="OldestMs">When the oldest became a dead letter, in Unix milliseconds.</param>
/// <param name="NewestMs">The same of the newest.</param>
/// <param name="RetriesMin">The fewest retries before one was given up.</param>
/// <param name="RetriesMax">The most.</param>
/// <param name="Samples">The newest three.</param>
/// <param name="Counts">How many became dead letters in each interval of the histogram.</param>
internal sealed record FailureGroupView(
    string Fingerprint,
    string Title,
    FailureBasis Basis,
    string? Reason,
    string SourceTopic,
    string? SourceGroup,
    long Count,
    long? OldestMs,
    long? NewestMs,
    long? RetriesMin,
    long? RetriesMax,
    IReadOnlyList<FailureSampleView> Samples,
    IReadOnlyList<long> Counts)
{
    private const string HiddenTitle = "payloads of one shape; their fields are shown to operators";

    public static FailureGroupView Of(FailureGroup group, bool showsPayloads) => new(
        group.Fingerprint.Id, group.Fingerprint.Basis == FailureBasis.PayloadShape && !showsPayloads ? HiddenTitle : group.Fingerprint.Title, group.Fingerprint.Basis,
        group.Source.Reason, group.Source.Queue.Topic, group.Source.Queue.Group, group.Tally.Count, group.Tally.OldestMs, group.Tally.NewestMs,
        group.Tally.FewestRetries, group.Tally.MostRetries,
        [.. group.Tally.Samples.Select(static place => new FailureSampleView(place.Partition.Partition, place.Offset))], group.Tally.Counts);
}

/// <summary>Where a dead letter is.</summary>
internal sealed record FailureSampleView(int Partition, long Offset);

/// <summary>Dead letters of causes that have no group of their own.</summary>
internal sealed record OtherFailuresView(long Count, long? OldestMs, long? NewestMs, IReadOnlyList<long> Counts);

/// <summary>A page of queues that keep what fails for good, and where that goes.</summary>
/// <param name="Total">How many queues match.</param>
/// <param name="Queues">The page.</param>
/// <param name="Targets">The queues that those of the page send their dead letters to, each once.</param>
internal sealed record DeadLetterOverviewView(int Total, IReadOnlyList<DeadLetterSourceRow> Queues, IReadOnlyList<DeadLetterTargetRow> Targets);

/// <summary>A queue with a dead-letter policy other than discard.</summary>
/// <param name="Topic">The queue.</param>
/// <param name="Group">The queue.</param>
/// <param name="Policy">Its policy.</param>
/// <param name="Target">Where its dead letters go; null while the policy is global and there is no global target.</param>
/// <param name="MaxRetries">Retries before a message is given up; null for no limit.</param>
/// <param name="PendingDlqCount">Messages of its loaded partitions whose copy to the target is not durable yet.</param>
/// <param name="LoadedPartitions">Those in memory.</param>
/// <param name="PartitionCount">Its partitions.</param>
/// <param name="TargetDepth">Messages of the target that are not settled; null while nothing of it is in memory.</param>
/// <param name="Error">Why a partition serves nobody; null when all do.</param>
internal sealed record DeadLetterSourceRow(
    string Topic,
    string? Group,
    PolicyName Policy,
    QueueTarget? Target,
    int? MaxRetries,
    long PendingDlqCount,
    int LoadedPartitions,
    int PartitionCount,
    long? TargetDepth,
    string? Error);

/// <summary>A page of queues that dead letters go to.</summary>
internal sealed record DeadLetterTargetsView(int Total, IReadOnlyList<DeadLetterTargetRow> Targets);

/// <summary>A queue that dead letters go to. The counts are of its partitions in memory.</summary>
/// <param name="Topic">The queue.</param>
/// <param name="Group">The queue.</param>
/// <param name="Exists">False while nothing was ever sent there.</param>
/// <param name="IsGlobal">True for the target of queues with the policy global.</param>
/// <param name="SourceCount">Queues that send their dead letters there.</param>
/// <param name="PartitionCount">Its partitions.</param>
/// <param name="LoadedPartitions">Those in memory.</param>
/// <param name="Depth">Messages that are not settled; null while nothing of it is in memory.</param>
/// <param name="ReadyCount">Ready messages.</param>
/// <param name="InflightCount">Leased messages.</param>
/// <param name="DelayedCount">Messages that are not due yet.</param>
/// <param name="OldestMs">When the oldest message that is not settled was received, in Unix milliseconds.</param>
/// <param name="ReceivedLastHour">Messages that came in within an hour; null when it is not known.</param>
/// <param name="Subscriptions">Consumers.</param>
/// <param name="StoredBytes">Bytes on the disk.</param>
/// <param name="Error">Why a partition serves nobody; null when all do.</param>
internal sealed record DeadLetterTargetRow(
    string Topic,
    string? Group,
    bool Exists,
    bool IsGlobal,
    int SourceCount,
    int PartitionCount,
    int LoadedPartitions,
    long? Depth,
    long ReadyCount,
    long InflightCount,
    long DelayedCount,
    long? OldestMs,
    long? ReceivedLastHour,
    long Subscriptions,
    long StoredBytes,
    string? Error);
