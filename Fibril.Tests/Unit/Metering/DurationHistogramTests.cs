using Fibril.Broker.Primitives.Metering;

namespace Fibril.Tests.Unit.Metering;

/// <summary>Durations sorted into buckets.</summary>
public sealed class DurationHistogramTests
{
    [Fact]
    public void Percentiles_are_right_to_the_width_of_a_bucket()
    {
        DurationHistogram histogram = new Instruments().Histogram("test", "For this test.");
        for (int ms = 1; ms <= 1000; ms++) histogram.Record(TimeSpan.FromMilliseconds(ms));
        DurationCounts counts = histogram.Read();
        Assert.Equal(1000, counts.Count);
        Assert.Equal(500.5, counts.Mean!.Value.TotalMilliseconds);
        Assert.Equal(1000, counts.Max!.Value.TotalMilliseconds);
        Assert.InRange(counts.Percentile(0.5)!.Value.TotalMilliseconds, 499, 501);
        Assert.InRange(counts.Percentile(0.99)!.Value.TotalMilliseconds, 980, 1000);
        Assert.Equal(1000, counts.Percentile(1)!.Value.TotalMilliseconds);
    }

    [Fact]
    public void What_is_longer_than_every_bound_counts_and_is_the_maximum()
    {
        DurationHistogram histogram = new Instruments().Histogram("test", "For this test.");
        histogram.Record(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromHours(1), histogram.Read().Percentile(0.5));
    }

    [Fact]
    public void A_clock_that_went_backwards_counts_as_no_time()
    {
        DurationHistogram histogram = new Instruments().Histogram("test", "For this test.");
        histogram.Record(TimeSpan.FromSeconds(-5));
        Assert.Equal((1, 0L), (histogram.Read().Count, histogram.Read().SumTicks));
    }

    [Fact]
    public void Nothing_has_no_mean_and_no_percentile()
    {
        DurationCounts counts = new Instruments().Histogram("test", "For this test.").Read();
        Assert.Null(counts.Mean);
        Assert.Null(counts.Max);
        Assert.Null(counts.Percentile(0.5));
    }

    [Fact]
    public void Bounds_ascend_and_the_exported_ones_are_among_them()
    {
        Assert.Equal(HistogramBounds.Seconds.Order().Distinct(), HistogramBounds.Seconds);
        Assert.Equal(HistogramBounds.Exported.Order().Distinct(), HistogramBounds.Exported);
        Assert.Empty(HistogramBounds.Exported.Except(HistogramBounds.Seconds));
        Assert.InRange(HistogramBounds.Exported.Count, 15, 20);
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        DurationHistogram histogram = new Instruments().Histogram("test", "For this test.");
        histogram.Record(TimeSpan.FromMilliseconds(1));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) histogram.Record(TimeSpan.FromMilliseconds(i));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
