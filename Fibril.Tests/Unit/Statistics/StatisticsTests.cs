using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Statistics;
using Fibril.Broker.Statistics.Readings;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Statistics;

/// <summary>Rates and percentiles of the last minute.</summary>
public sealed class StatisticsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Instruments _instruments = new();

    [Fact] // D-07 of the admin API
    public void A_rate_is_that_of_the_last_minute_and_not_of_the_whole_life()
    {
        Counter counter = _instruments.Counter("test", "{message}", "For this test.");
        var minute = new LastMinute(_instruments, _time);
        for (int second = 0; second < 600; second += 5)
        {
            counter.Add(500); // 100 a second
            Pass(minute, TimeSpan.FromSeconds(5));
        }

        Assert.Equal(new Rate(60_000, 100), minute.Read().RateOf(counter));
        for (int second = 0; second < 60; second += 5) Pass(minute, TimeSpan.FromSeconds(5));
        Assert.Equal(new Rate(60_000, 0), minute.Read().RateOf(counter));
    }

    [Fact]
    public void In_its_first_minute_a_broker_reckons_with_the_time_since_its_start()
    {
        Counter counter = _instruments.Counter("test", "{message}", "For this test.");
        var minute = new LastMinute(_instruments, _time);
        counter.Add(1000);
        Pass(minute, TimeSpan.FromSeconds(5));
        Pass(minute, TimeSpan.FromSeconds(5));
        Assert.Equal(100, minute.Read().RateOf(counter).PerSecond);
    }

    [Fact] // D-09 of the admin API
    public void Percentiles_are_of_the_last_minute_and_means_of_the_whole_life()
    {
        DurationHistogram histogram = _instruments.Histogram("test", "For this test.");
        var minute = new LastMinute(_instruments, _time);
        for (int i = 0; i < 100; i++) histogram.Record(TimeSpan.FromSeconds(1));
        for (int second = 0; second < 65; second += 5) Pass(minute, TimeSpan.FromSeconds(5));
        for (int i = 0; i < 100; i++) histogram.Record(TimeSpan.FromMilliseconds(10));
        DurationReading reading = minute.Read().DurationOf(histogram);
        Assert.Equal((200, 505.0, 1000.0), (reading.Count, reading.MeanMs!.Value, reading.MaxMs!.Value));
        Assert.InRange(reading.P99Ms!.Value, 8, 10);
        Assert.Equal(10, reading.LastMinuteMaxMs); // and not the 1000 of before
    }

    private void Pass(LastMinute minute, TimeSpan time)
    {
        _time.Advance(time);
        minute.Take();
    }
}
