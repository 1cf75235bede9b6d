namespace Fibril.Broker.Primitives.Metering;

/// <summary>The content of a histogram at one moment, or between two.</summary>
/// <param name="Buckets">Durations in each bucket of <see cref="HistogramBounds"/>.</param>
/// <param name="SumTicks">Sum of all durations.</param>
/// <param name="MaxTicks">The longest since the start.</param>
internal sealed record DurationCounts(IReadOnlyList<long> Buckets, long SumTicks, long MaxTicks)
{
    /// <summary>How many durations there are.</summary>
    public long Count { get; } = Sum(Buckets);

    public double SumSeconds => (double)SumTicks / TimeSpan.TicksPerSecond;

    /// <summary>The mean; null when there are none.</summary>
    public TimeSpan? Mean => Count == 0 ? null : TimeSpan.FromTicks(SumTicks / Count);

    /// <summary>The longest since the start; null when there are none.</summary>
    public TimeSpan? Max => Count == 0 ? null : TimeSpan.FromTicks(MaxTicks);

    /// <summary>What came in since an earlier moment.</summary>
    public DurationCounts Since(DurationCounts earlier) =>
        new([.. Buckets.Zip(earlier.Buckets, static (now, before) => now - before)], SumTicks - earlier.SumTicks, MaxTicks);

    /// <summary>Both together.</summary>
    public DurationCounts Plus(DurationCounts other) =>
        new([.. Buckets.Zip(other.Buckets, static (one, another) => one + another)], SumTicks + other.SumTicks, Math.Max(MaxTicks, other.MaxTicks));

    /// <summary>The duration that this share of all does not exceed, to the width of a bucket; null when there are none.</summary>
    /// <param name="share">0 to 1.</param>
    public TimeSpan? Percentile(double share)
    {
        if (Count == 0) return null;
        double wanted = share * Count;
        long before = 0;
        for (int i = 0; i < Buckets.Count; i++)
        {
            if (Buckets[i] == 0 || before + Buckets[i] < wanted)
            {
                before += Buckets[i];
                continue;
            }

            if (i == HistogramBounds.Seconds.Count) break;
            double lower = i == 0 ? 0 : HistogramBounds.Seconds[i - 1];
            double within = lower + ((HistogramBounds.Seconds[i] - lower) * (wanted - before) / Buckets[i]);
            return TimeSpan.FromTicks(Math.Min((long)(within * TimeSpan.TicksPerSecond), MaxTicks));
        }

        return TimeSpan.FromTicks(MaxTicks);
    }

    private static long Sum(IReadOnlyList<long> buckets)
    {
        long sum = 0;
        foreach (long count in buckets) sum += count;
        return sum;
    }
}
