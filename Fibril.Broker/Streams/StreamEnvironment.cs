using Fibril.Broker.Channels;
using Fibril.Broker.Log;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives.Metering;

namespace Fibril.Broker.Streams;

/// <summary>What every stream partition of a broker shares.</summary>
internal sealed record StreamEnvironment(
    LogEnvironment Log,
    IWorkScheduler Work,
    DeadlineScheduler Deadlines,
    StreamOptions Options,
    TailCacheBudget TailCache,
    BorrowedFlushes BorrowedFlushes,
    DiskReserve Reserve,
    ILogger Logger)
{
    public TimeProvider Time => Log.Time;

    /// <summary>Told what happens in streams; by default nobody looks there.</summary>
    public StreamMetrics Metrics { get; init; } = Detached(new Instruments());

    private static StreamMetrics Detached(Instruments instruments) => new(instruments, new ChannelMetrics(instruments));
}
