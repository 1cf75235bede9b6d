using System.Diagnostics.Metrics;

namespace Fibril.Broker.Primitives.Metering;

/// <summary>How long something took, sorted into buckets. Thread-safe; cheap enough for every batch, and allocates nothing.</summary>
internal sealed class DurationHistogram
{
    private readonly long[] _counts = new long[HistogramBounds.BucketCount];
    private readonly Histogram<double>? _instrument;
    private long _sumTicks;
    private long _maxTicks;

    /// <param name="index">Its place in <see cref="Instruments.Histograms"/>.</param>
    /// <param name="instrument">Told as well, while somebody listens to it; null for none.</param>
    internal DurationHistogram(int index, Histogram<double>? instrument)
    {
        Index = index;
        _instrument = instrument;
    }

    /// <summary>Its place in <see cref="Instruments.Histograms"/>.</summary>
    public int Index { get; }

    /// <summary>Notes one duration. A clock that went backwards counts as no time at all.</summary>
    public void Record(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero) duration = TimeSpan.Zero;
        Interlocked.Increment(ref _counts[HistogramBounds.BucketOf(duration)]);
        Interlocked.Add(ref _sumTicks, duration.Ticks);
        long max = Volatile.Read(ref _maxTicks);
        while (duration.Ticks > max)
        {
            long found = Interlocked.CompareExchange(ref _maxTicks, duration.Ticks, max);
            if (found == max) break;
            max = found;
        }

        if (_instrument is { Enabled: true } instrument) instrument.Record(duration.TotalSeconds);
    }

    /// <summary>What was noted until now. What comes in meanwhile may be in part of it.</summary>
    public DurationCounts Read()
    {
        var counts = new long[_counts.Length];
        for (int i = 0; i < counts.Length; i++) counts[i] = Volatile.Read(ref _counts[i]);
        return new DurationCounts(counts, Volatile.Read(ref _sumTicks), Volatile.Read(ref _maxTicks));
    }
}
