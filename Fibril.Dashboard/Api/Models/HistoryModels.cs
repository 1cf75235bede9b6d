namespace Fibril.Dashboard.Api.Models;

/// <summary>The broker over time: <c>GET /admin/api/history</c>.</summary>
public sealed record History(long IntervalMs, IReadOnlyList<HistorySample> Samples, IReadOnlyList<QueueHistory> Queues);

/// <summary>The broker at one moment, or over the interval that ends then. What was not measured is null.</summary>
/// <param name="At">Unix seconds.</param>
public sealed record HistorySample(
    long At, double PublishedPerSec, double DeliveredPerSec, double CompletedPerSec, double DeadLetteredPerSec, double RedeliveredPerSec, double ExpiredPerSec, double BytesInPerSec, double BytesOutPerSec,
    long Backlog, long BacklogMax, long Inflight, long Delayed, long PendingDlq, int Connections, int Subscriptions, double RssMb, double Cpu, long DiskUsed, long? DiskFree,
    double? ConfirmP50Ms, double? ConfirmP99Ms, double? DeliveryP50Ms, double? DeliveryP99Ms, double? SyncP50Ms, double? SyncP99Ms);

/// <summary>One queue over time.</summary>
public sealed record QueueHistory(string Topic, string? Group, IReadOnlyList<QueueSample> Samples);

/// <summary>One queue at one moment.</summary>
/// <param name="At">Unix seconds.</param>
/// <param name="Depth">Ready messages.</param>
/// <param name="Leased">Leased messages.</param>
public sealed record QueueSample(long At, long Depth, long Leased);
