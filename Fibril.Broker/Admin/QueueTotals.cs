using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;
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

    /// <summary>Since its partitions were loaded.</summary>
    public long DeadLettered { get; init; }

    public long Subscriptions { get; init; }

    /// <summary>Connections that publish to it, each of them once for every partition that it publishes to.</summary>
    public long Publishers { get; init; }

    public long StoredBytes { get; init; }

    /// <summary>Unix milliseconds; null when nothing is ready.</summary>
    public long? OldestReadyMs { get; init; }

    /// <summary>Unix milliseconds; null when everything is settled.</summary>
    public long? OldestUnsettledMs { get; init; }

    /// <summary>Why a partition serves nobody; null when all do.</summary>
    public string? Error { get; init; }

    /// <summary>It holds messages, or somebody publishes to it or is subscribed.</summary>
    public bool IsActive => Ready + Leased + Delayed + DeadLettering + Subscriptions + Publishers > 0;

    /// <summary>The queues of which something is loaded, or should be and cannot.</summary>
    public static Dictionary<QueueName, QueueTotals> OfLoaded(QueueRegistry queues)
    {
        var totals = new Dictionary<QueueName, QueueTotals>();
        foreach (PartitionSlot<QueuePartition> slot in queues.Slots)
        {
            if (slot.Loaded is not { } partition) continue;
            totals[slot.Id.Queue] = totals.GetValueOrDefault(slot.Id.Queue).With(partition.Gauges, slot.CountOf(PartitionUse.Publish), partition.NotServingBecause);
        }

        foreach (OutOfServicePartition broken in queues.OutOfService)
        {
            var name = new QueueName(broken.Topic, broken.Group);
            totals[name] = totals.GetValueOrDefault(name) with { Error = broken.Reason };
        }

        return totals;
    }

    private QueueTotals With(QueueGauges gauges, int publishers, string? error) => this with
    {
        LoadedPartitions = LoadedPartitions + 1,
        Ready = Ready + gauges.Ready,
        Leased = Leased + gauges.Leased,
        Delayed = Delayed + gauges.Delayed,
        DeadLettering = DeadLettering + gauges.DeadLettering,
        DeadLettered = DeadLettered + gauges.DeadLettered,
        Subscriptions = Subscriptions + gauges.Subscriptions,
        Publishers = Publishers + publishers,
        StoredBytes = StoredBytes + gauges.Stored.TotalBytes,
        OldestReadyMs = Earlier(OldestReadyMs, gauges.OldestReadyMs),
        OldestUnsettledMs = Earlier(OldestUnsettledMs, gauges.OldestUnsettledMs),
        Error = Error ?? error,
    };

    private static long? Earlier(long? one, long other) => other == 0 ? one : one is { } known ? Math.Min(known, other) : other;
}
