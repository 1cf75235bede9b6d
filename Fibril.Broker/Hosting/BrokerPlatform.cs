using Fibril.Broker.Log;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives.Metering;

namespace Fibril.Broker.Hosting;

/// <summary>What a broker stands on: a disk, threads and clocks.</summary>
/// <param name="Files">Where it stores.</param>
/// <param name="Work">Where partitions run.</param>
/// <param name="Flusher">Where writes and syncs run.</param>
/// <param name="Time">The time of every rule.</param>
/// <param name="WireTime">The time of heartbeats, and of how long it waits for a peer.</param>
/// <param name="BorrowedFlushes">Most threads that may wait for the disk while they carry messages.</param>
internal sealed record BrokerPlatform(
    IStorageFileSystem Files, IWorkScheduler Work, IFlushScheduler Flusher, TimeProvider Time, TimeProvider WireTime, int BorrowedFlushes)
{
    /// <summary>What it counts and measures with; by default nobody is shown that.</summary>
    public Instruments Instruments { get; init; } = new();
}
