using Fibril.Broker.Primitives;

namespace Fibril.Broker.Statistics.History;

/// <summary>How the broker did (admin API 6.2).</summary>
/// <param name="Interval">Time between two samples of the broker.</param>
/// <param name="Samples">Of the broker, the oldest first; what is missing was not sampled, as while the broker was down.</param>
/// <param name="Queues">Of single queues, in the order in which they were first seen.</param>
internal sealed record HistoryReading(TimeSpan Interval, IReadOnlyList<HistorySample> Samples, IReadOnlyList<QueueHistory> Queues);

/// <summary>One queue, all partitions together.</summary>
/// <param name="Name">Topic and group.</param>
/// <param name="Interval">Time between two samples.</param>
/// <param name="Samples">The oldest first.</param>
internal sealed record QueueHistory(QueueName Name, TimeSpan Interval, IReadOnlyList<QueueSample> Samples);

/// <summary>One queue at one moment.</summary>
/// <param name="AtSeconds">Unix seconds.</param>
/// <param name="Depth">Ready messages.</param>
/// <param name="Leased">Leased messages.</param>
internal readonly record struct QueueSample(long AtSeconds, long Depth, long Leased);
