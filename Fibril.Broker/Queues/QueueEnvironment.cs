using Fibril.Broker.Channels;
using Fibril.Broker.Log;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Queues.Cohorts;
using Fibril.Broker.Queues.Delivery;

namespace Fibril.Broker.Queues;

/// <summary>What every queue partition of a broker shares.</summary>
internal sealed record QueueEnvironment(
    LogEnvironment Log,
    IWorkScheduler Work,
    DeadlineScheduler Deadlines,
    DeliveryOptions Delivery,
    CohortOptions Cohorts,
    DeliveryTags Tags,
    TailCacheBudget TailCache,
    BorrowedFlushes BorrowedFlushes,
    DiskReserve Reserve,
    ILogger Logger)
{
    public TimeProvider Time => Log.Time;

    /// <summary>Told what happens in queues; by default nobody looks there.</summary>
    public QueueMetrics Metrics { get; init; } = Detached(new Instruments());

    private static QueueMetrics Detached(Instruments instruments) => new(instruments, new ChannelMetrics(instruments));
}
