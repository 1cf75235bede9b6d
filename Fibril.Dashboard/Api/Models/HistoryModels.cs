namespace Fibril.Dashboard.Api.Models;

/// <summary>The broker over time: <c>GET /admin/api/history</c>.</summary>
public sealed record History(long IntervalMs, IReadOnlyList<HistorySample> Samples, IReadOnlyList<QueueHistory> Queues);

/// <summary>The broker at one moment. What was not measured is null.</summary>
/// <param name="At">Unix seconds.</param>
public sealed record HistorySample(
    long At, double PublishedPerSec, double DeliveredPerSec, double CompletedPerSec, long Backlog, long Inflight, int Connections, int Subscriptions, double RssMb, double Cpu, long DiskUsed);

/// <summary>One queue over time.</summary>
public sealed record QueueHistory(string Topic, string? Group, IReadOnlyList<QueueSample> Samples);

/// <summary>One queue at one moment.</summary>
/// <param name="At">Unix seconds.</param>
public sealed record QueueSample(long At, long Depth, long Leased);
