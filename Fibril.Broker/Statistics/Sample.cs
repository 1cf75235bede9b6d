using Fibril.Broker.Primitives.Metering;

namespace Fibril.Broker.Statistics;

/// <summary>All counters and histograms at one moment.</summary>
internal sealed record Sample(long Timestamp, long[] Counters, DurationCounts[] Histograms)
{
    public static Sample Take(Instruments instruments, TimeProvider time) => new(
        time.GetTimestamp(),
        [.. instruments.Counters.Select(static counter => counter.Value)],
        [.. instruments.Histograms.Select(static histogram => histogram.Read())]);
}
