using Fibril.Broker.Primitives;

namespace Fibril.Broker.Statistics.History;

/// <summary>The last half hour (admin API 6.2).</summary>
/// <param name="Interval">Time between two samples.</param>
/// <param name="Samples">Of the broker, the oldest first.</param>
/// <param name="Queues">Of single queues, in the order in which they were first seen.</param>
internal sealed record HistoryReading(TimeSpan Interval, IReadOnlyList<HistorySample> Samples, IReadOnlyList<QueueHistory> Queues);

/// <summary>The broker at one moment.</summary>
/// <param name="AtSeconds">Unix seconds.</param>
/// <param name="PublishedPerSecond">Mean of the minute before; the next ones likewise.</param>
/// <param name="DeliveredPerSecond">Handed to consumers and readers.</param>
/// <param name="CompletedPerSecond">Messages settled by acknowledgement.</param>
/// <param name="Backlog">Ready messages of loaded queues.</param>
/// <param name="Inflight">Leased messages of loaded queues.</param>
/// <param name="Connections">Open client connections.</param>
/// <param name="Subscriptions">Open subscriptions.</param>
/// <param name="ResidentMegabytes">Physical memory, in MiB.</param>
/// <param name="CpuPercent">Percent of one core.</param>
/// <param name="DiskUsedBytes">What all channels take.</param>
internal readonly record struct HistorySample(
    long AtSeconds,
    double PublishedPerSecond,
    double DeliveredPerSecond,
    double CompletedPerSecond,
    long Backlog,
    long Inflight,
    int Connections,
    int Subscriptions,
    double ResidentMegabytes,
    double CpuPercent,
    long DiskUsedBytes);

/// <summary>One queue, all partitions together.</summary>
/// <param name="Name">Topic and group.</param>
/// <param name="Samples">The oldest first, at most 72 of them.</param>
internal sealed record QueueHistory(QueueName Name, IReadOnlyList<QueueSample> Samples);

/// <param name="AtSeconds">Unix seconds.</param>
/// <param name="Depth">Ready messages.</param>
/// <param name="Leased">Leased messages.</param>
internal readonly record struct QueueSample(long AtSeconds, long Depth, long Leased);
