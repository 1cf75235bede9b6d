using Fibril.Broker.Channels;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;

namespace Fibril.Broker.Admin;

/// <summary>The numbers of one queue, over its loaded partitions, from what those have shown at the end of their last turn.</summary>
internal readonly record struct QueueTotals
{
    public QueueName Name { get; init; }

    public int PartitionCount { get; init; }

    public int LoadedPartitions { get; init; }

    public long Ready { get; init; }

    public long Leased { get; init; }

    public long Delayed { get; init; }

    public long DeadLettering { get; init; }

    public long Subscriptions { get; init; }

    public long StoredBytes { get; init; }

    /// <summary>Unix milliseconds; null when nothing is ready.</summary>
    public long? OldestReadyMs { get; init; }

    /// <summary>Unix milliseconds; null when everything is settled.</summary>
    public long? OldestUnsettledMs { get; init; }

    /// <summary>Why a partition serves nobody; null when all do.</summary>
    public string? Error { get; init; }

    /// <summary>The queues of which something is loaded, or should be and cannot.</summary>
    public static Dictionary<QueueName, QueueTotals> OfLoaded(QueueRegistry queues)
    {
        var totals = new Dictionary<QueueName, QueueTotals>();
        foreach (QueuePartition partition in queues.Loaded)
            totals[partition.Id.Queue] = totals.GetValueOrDefault(partition.Id.Queue).With(partition.Gauges, partition.NotServingBecause);
        foreach (OutOfServicePartition broken in queues.OutOfService)
        {
            var name = new QueueName(broken.Topic, broken.Group);
            totals[name] = totals.GetValueOrDefault(name) with { Error = broken.Reason };
        }

        return totals;
    }

    private QueueTotals With(QueueGauges gauges, string? error) => this with
    {
        LoadedPartitions = LoadedPartitions + 1,
        Ready = Ready + gauges.Ready,
        Leased = Leased + gauges.Leased,
        Delayed = Delayed + gauges.Delayed,
        DeadLettering = DeadLettering + gauges.DeadLettering,
        Subscriptions = Subscriptions + gauges.Subscriptions,
        StoredBytes = StoredBytes + gauges.Stored.TotalBytes,
        OldestReadyMs = Earlier(OldestReadyMs, gauges.OldestReadyMs),
        OldestUnsettledMs = Earlier(OldestUnsettledMs, gauges.OldestUnsettledMs),
        Error = Error ?? error,
    };

    private static long? Earlier(long? one, long other) => other == 0 ? one : one is { } known ? Math.Min(known, other) : other;
}
