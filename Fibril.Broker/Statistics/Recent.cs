using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Statistics.Readings;

namespace Fibril.Broker.Statistics;

/// <summary>What has happened since an earlier sample.</summary>
/// <param name="Since">The sample.</param>
/// <param name="Elapsed">How long ago it was taken.</param>
internal readonly record struct Recent(Sample Since, TimeSpan Elapsed)
{
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(1);

    /// <summary>A counter, and how fast it grew.</summary>
    public Rate RateOf(Counter counter)
    {
        long now = counter.Value;
        return new Rate(now, PerSecond(now - Since.Counters[counter.Index]));
    }

    /// <summary>How many durations a histogram has, and how fast they came.</summary>
    public Rate RateOf(DurationHistogram histogram)
    {
        long now = histogram.Read().Count;
        return new Rate(now, PerSecond(now - Since.Histograms[histogram.Index].Count));
    }

    /// <summary>Durations: mean and maximum since the start, percentiles since the sample (D-09).</summary>
    public DurationReading DurationOf(params ReadOnlySpan<DurationHistogram> histograms)
    {
        DurationCounts all = histograms[0].Read();
        DurationCounts recent = all.Since(Since.Histograms[histograms[0].Index]);
        foreach (DurationHistogram histogram in histograms[1..])
        {
            DurationCounts more = histogram.Read();
            all = all.Plus(more);
            recent = recent.Plus(more.Since(Since.Histograms[histogram.Index]));
        }

        return new DurationReading(
            all.Count, all.Mean?.TotalMilliseconds, all.Max?.TotalMilliseconds,
            recent.Percentile(0.5)?.TotalMilliseconds, recent.Percentile(0.95)?.TotalMilliseconds, recent.Percentile(0.99)?.TotalMilliseconds,
            recent.Percentile(1)?.TotalMilliseconds);
    }

    private double PerSecond(long count) => count / (Elapsed > ShortestWindow ? Elapsed : ShortestWindow).TotalSeconds;
}
