using Fibril.Broker.Channels;
using Fibril.Broker.Log;
using Fibril.Broker.Partitions;

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
}
