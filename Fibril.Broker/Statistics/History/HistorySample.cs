using Fibril.Broker.Statistics.Readings;

namespace Fibril.Broker.Statistics.History;

/// <summary>The broker at one moment, or over the interval that ends then.</summary>
/// <remarks>
/// A coarser sample is made of finer ones: rates and the processor are their means, <see cref="MostBacklog"/> and the percentiles are the
/// largest of them, and everything else is as the last of them says.
/// </remarks>
internal readonly record struct HistorySample
{
    private const double BytesPerMegabyte = 1 << 20;

    /// <summary>Unix seconds.</summary>
    public long AtSeconds { get; init; }

    /// <summary>Mean of the minute before, as all rates.</summary>
    public double PublishedPerSecond { get; init; }

    /// <summary>Handed to consumers and readers.</summary>
    public double DeliveredPerSecond { get; init; }

    /// <summary>Messages settled by acknowledgement.</summary>
    public double CompletedPerSecond { get; init; }

    /// <summary>Dead letters whose copy is durable in its target.</summary>
    public double DeadLetteredPerSecond { get; init; }

    /// <summary>Due again after their lease expired, or because a retry was asked for.</summary>
    public double RedeliveredPerSecond { get; init; }

    /// <summary>Given up because their time to live was over.</summary>
    public double ExpiredPerSecond { get; init; }

    /// <summary>From clients of the broker listener.</summary>
    public double BytesInPerSecond { get; init; }

    /// <summary>To them.</summary>
    public double BytesOutPerSecond { get; init; }

    /// <summary>Percent of one core.</summary>
    public double CpuPercent { get; init; }

    /// <summary>From the receipt of a batch until it is as durable as its channel promises, over the minute before; null when there was none, as all percentiles.</summary>
    public float? ConfirmP50Ms { get; init; }

    public float? ConfirmP99Ms { get; init; }

    /// <summary>From the receipt of a message to its hand-over.</summary>
    public float? DeliveryP50Ms { get; init; }

    public float? DeliveryP99Ms { get; init; }

    /// <summary>Syncs of logs (fdatasync).</summary>
    public float? SyncP50Ms { get; init; }

    public float? SyncP99Ms { get; init; }

    /// <summary>Ready messages of loaded queues.</summary>
    public long Backlog { get; init; }

    /// <summary>The most that <see cref="Backlog"/> was.</summary>
    public long MostBacklog { get; init; }

    /// <summary>Leased messages of loaded queues.</summary>
    public long Inflight { get; init; }

    /// <summary>Messages of loaded queues that are not due yet.</summary>
    public long Delayed { get; init; }

    /// <summary>Messages whose copy to the dead-letter target is not durable yet.</summary>
    public long DeadLettering { get; init; }

    /// <summary>Physical memory, in MiB.</summary>
    public double ResidentMegabytes { get; init; }

    /// <summary>What all channels take.</summary>
    public long DiskUsedBytes { get; init; }

    /// <summary>Room left on the disk of the data directory; null where that is not known.</summary>
    public long? DiskFreeBytes { get; init; }

    /// <summary>Open client connections.</summary>
    public int Connections { get; init; }

    /// <summary>Open subscriptions.</summary>
    public int Subscriptions { get; init; }

    public static HistorySample Of(StatisticsReading reading)
    {
        (MessageReading messages, BrokerGauges now) = (reading.Messages, reading.Now);
        return new HistorySample
        {
            AtSeconds = reading.AtMs / 1000,
            PublishedPerSecond = messages.Published.PerSecond,
            DeliveredPerSecond = messages.Delivered.PerSecond,
            CompletedPerSecond = messages.Acked.PerSecond,
            DeadLetteredPerSecond = messages.DeadLetterCopies.PerSecond,
            RedeliveredPerSecond = messages.Redelivered.PerSecond,
            ExpiredPerSecond = messages.Expired.PerSecond,
            BytesInPerSecond = reading.Connections.BytesIn.PerSecond,
            BytesOutPerSecond = reading.Connections.BytesOut.PerSecond,
            CpuPercent = now.CpuPercent,
            ConfirmP50Ms = (float?)messages.Confirm.P50Ms,
            ConfirmP99Ms = (float?)messages.Confirm.P99Ms,
            DeliveryP50Ms = (float?)messages.Delivery.P50Ms,
            DeliveryP99Ms = (float?)messages.Delivery.P99Ms,
            SyncP50Ms = (float?)reading.Storage.Sync.P50Ms,
            SyncP99Ms = (float?)reading.Storage.Sync.P99Ms,
            Backlog = now.Ready,
            MostBacklog = now.Ready,
            Inflight = now.Leased,
            Delayed = now.Delayed,
            DeadLettering = now.DeadLettering,
            ResidentMegabytes = now.ResidentBytes / BytesPerMegabyte,
            DiskUsedBytes = now.StoredBytes,
            DiskFreeBytes = now.DiskFreeBytes,
            Connections = now.Connections,
            Subscriptions = now.Subscriptions,
        };
    }

    /// <summary>One sample of what this one stands for and of the next.</summary>
    /// <param name="next">The later one.</param>
    /// <param name="count">How many samples this one stands for.</param>
    public HistorySample With(in HistorySample next, int count) => next with
    {
        PublishedPerSecond = Mean(PublishedPerSecond, next.PublishedPerSecond, count),
        DeliveredPerSecond = Mean(DeliveredPerSecond, next.DeliveredPerSecond, count),
        CompletedPerSecond = Mean(CompletedPerSecond, next.CompletedPerSecond, count),
        DeadLetteredPerSecond = Mean(DeadLetteredPerSecond, next.DeadLetteredPerSecond, count),
        RedeliveredPerSecond = Mean(RedeliveredPerSecond, next.RedeliveredPerSecond, count),
        ExpiredPerSecond = Mean(ExpiredPerSecond, next.ExpiredPerSecond, count),
        BytesInPerSecond = Mean(BytesInPerSecond, next.BytesInPerSecond, count),
        BytesOutPerSecond = Mean(BytesOutPerSecond, next.BytesOutPerSecond, count),
        CpuPercent = Mean(CpuPercent, next.CpuPercent, count),
        ConfirmP50Ms = Larger(ConfirmP50Ms, next.ConfirmP50Ms),
        ConfirmP99Ms = Larger(ConfirmP99Ms, next.ConfirmP99Ms),
        DeliveryP50Ms = Larger(DeliveryP50Ms, next.DeliveryP50Ms),
        DeliveryP99Ms = Larger(DeliveryP99Ms, next.DeliveryP99Ms),
        SyncP50Ms = Larger(SyncP50Ms, next.SyncP50Ms),
        SyncP99Ms = Larger(SyncP99Ms, next.SyncP99Ms),
        MostBacklog = Math.Max(MostBacklog, next.MostBacklog),
    };

    private static double Mean(double before, double next, int count) => before + ((next - before) / (count + 1));

    private static float? Larger(float? one, float? other) => one is { } known && !(other > known) ? known : other;
}
