using Fibril.Broker.Statistics.History;

namespace Fibril.Broker.Admin.Views;

/// <summary>How the broker did (admin-api 6.2).</summary>
/// <param name="IntervalMs">Time between two samples of the broker.</param>
/// <param name="Samples">Of the broker, the oldest first. A gap is a time in which it was down.</param>
/// <param name="Queues">Of single queues.</param>
internal sealed record HistoryView(long IntervalMs, IReadOnlyList<HistorySampleView> Samples, IReadOnlyList<QueueHistoryView> Queues)
{
    public static HistoryView Of(HistoryReading history) =>
        new((long)history.Interval.TotalMilliseconds, [.. history.Samples.Select(HistorySampleView.Of)], [.. history.Queues.Select(QueueHistoryView.Of)]);
}

/// <summary>
/// The broker at one moment, or over the interval that ends then. Rates are means. Percentiles are of the minute before, null when nothing was
/// measured, and over an interval the largest of its minutes. The others are as they were at the end of it.
/// </summary>
/// <param name="At">Unix seconds.</param>
/// <param name="PublishedPerSec">Messages stored; the next ones likewise.</param>
/// <param name="DeliveredPerSec">Handed to consumers and readers.</param>
/// <param name="CompletedPerSec">Settled by acknowledgement.</param>
/// <param name="DeadLetteredPerSec">Copied to a dead-letter target.</param>
/// <param name="RedeliveredPerSec">Due again after their lease expired, or because a retry was asked for.</param>
/// <param name="ExpiredPerSec">Given up because their time to live was over.</param>
/// <param name="BytesInPerSec">Bytes from clients.</param>
/// <param name="BytesOutPerSec">Bytes to clients.</param>
/// <param name="Backlog">Ready messages of loaded queues.</param>
/// <param name="BacklogMax">The most that this was in the interval.</param>
/// <param name="Inflight">Leased messages.</param>
/// <param name="Delayed">Messages that are not due yet.</param>
/// <param name="PendingDlq">Messages whose copy to the dead-letter target is not durable yet.</param>
/// <param name="Connections">Open client connections.</param>
/// <param name="Subscriptions">Open subscriptions.</param>
/// <param name="RssMb">Resident memory, in MiB.</param>
/// <param name="Cpu">Percent of one core, a mean.</param>
/// <param name="DiskUsed">Bytes of all channels on the disk.</param>
/// <param name="DiskFree">Bytes left on the disk; null where that is not known.</param>
/// <param name="ConfirmP50Ms">From the receipt of a batch of publishes until it is as durable as its channel promises.</param>
/// <param name="ConfirmP99Ms">The same, at 99 %.</param>
/// <param name="DeliveryP50Ms">From the receipt of a message to its hand-over.</param>
/// <param name="DeliveryP99Ms">The same, at 99 %.</param>
/// <param name="SyncP50Ms">Syncs of logs.</param>
/// <param name="SyncP99Ms">The same, at 99 %.</param>
internal sealed record HistorySampleView(
    long At, double PublishedPerSec, double DeliveredPerSec, double CompletedPerSec, double DeadLetteredPerSec, double RedeliveredPerSec, double ExpiredPerSec,
    double BytesInPerSec, double BytesOutPerSec, long Backlog, long BacklogMax, long Inflight, long Delayed, long PendingDlq, int Connections, int Subscriptions,
    double RssMb, double Cpu, long DiskUsed, long? DiskFree, double? ConfirmP50Ms, double? ConfirmP99Ms, double? DeliveryP50Ms, double? DeliveryP99Ms, double? SyncP50Ms,
    double? SyncP99Ms)
{
    private const int Digits = 3;

    public static HistorySampleView Of(HistorySample sample) => new(
        sample.AtSeconds, Round(sample.PublishedPerSecond), Round(sample.DeliveredPerSecond), Round(sample.CompletedPerSecond), Round(sample.DeadLetteredPerSecond),
        Round(sample.RedeliveredPerSecond), Round(sample.ExpiredPerSecond), Round(sample.BytesInPerSecond), Round(sample.BytesOutPerSecond), sample.Backlog, sample.MostBacklog,
        sample.Inflight, sample.Delayed, sample.DeadLettering, sample.Connections, sample.Subscriptions, Round(sample.ResidentMegabytes), Round(sample.CpuPercent),
        sample.DiskUsedBytes, sample.DiskFreeBytes, Round(sample.ConfirmP50Ms), Round(sample.ConfirmP99Ms), Round(sample.DeliveryP50Ms), Round(sample.DeliveryP99Ms),
        Round(sample.SyncP50Ms), Round(sample.SyncP99Ms));

    /// <summary>Nobody sees more digits, and they are most of a long answer.</summary>
    private static double Round(double value) => Math.Round(value, Digits);

    private static double? Round(float? value) => value is { } measured ? Math.Round(measured, Digits) : null;
}

/// <summary>One queue over time.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Group">The group.</param>
/// <param name="IntervalMs">Time between two samples.</param>
/// <param name="Samples">The oldest first.</param>
internal sealed record QueueHistoryView(string Topic, string? Group, long IntervalMs, IReadOnlyList<QueueSampleView> Samples)
{
    public static QueueHistoryView Of(QueueHistory queue) => new(
        queue.Name.Topic, queue.Name.Group, (long)queue.Interval.TotalMilliseconds, [.. queue.Samples.Select(static sample => new QueueSampleView(sample.AtSeconds, sample.Depth, sample.Leased))]);
}

/// <summary>One queue at one moment.</summary>
/// <param name="At">Unix seconds.</param>
/// <param name="Depth">Ready messages.</param>
/// <param name="Leased">Leased messages.</param>
internal sealed record QueueSampleView(long At, long Depth, long Leased);
