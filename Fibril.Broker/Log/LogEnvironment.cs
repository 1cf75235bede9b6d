using Fibril.Broker.Primitives.Metering;

namespace Fibril.Broker.Log;

/// <summary>What every log of a broker shares: the disk, the threads that wait for it, time, and randomness.</summary>
/// <param name="Files">The way to the disk.</param>
/// <param name="Flusher">Runs the calls that block on the disk.</param>
/// <param name="Time">Clock of file headers and pauses.</param>
/// <param name="NewSalt">Source of segment salts. Thread-safe.</param>
/// <param name="Options">Sizes and limits.</param>
internal sealed record LogEnvironment(
    IStorageFileSystem Files, IFlushScheduler Flusher, TimeProvider Time, Func<uint> NewSalt, LogOptions Options)
{
    /// <summary>Told what the disk does; by default nobody looks there.</summary>
    public LogMetrics Metrics { get; init; } = new(new Instruments());
}
