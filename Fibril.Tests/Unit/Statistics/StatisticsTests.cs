using Fibril.Broker.Primitives;
using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Statistics;
using Fibril.Broker.Statistics.History;
using Fibril.Broker.Statistics.Readings;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Statistics;

/// <summary>Rates and percentiles of the last minute, and the history of the last half hour.</summary>
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
    }

    [Fact]
    public void The_history_is_bounded_and_oldest_first()
    {
        var history = new StatisticsHistory();
        for (int i = 0; i < 400; i++) history.Add(SampleAt(i), Queues());
        HistoryReading reading = history.Read();
        Assert.Equal((360, 40, 399), (reading.Samples.Count, reading.Samples[0].AtSeconds, reading.Samples[^1].AtSeconds));
        Assert.Equal(TimeSpan.FromSeconds(5), reading.Interval);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(72, 72)]
    [InlineData(73, 37)]
    [InlineData(400, 72)]
    public void A_queue_is_served_with_at_most_72_points_the_newest_among_them(int added, int served)
    {
        var history = new StatisticsHistory();
        for (int i = 0; i < added; i++) history.Add(SampleAt(i), Queues("orders"));
        QueueHistory queue = Assert.Single(history.Read().Queues);
        Assert.Equal(served, queue.Samples.Count);
        Assert.Equal(added - 1, queue.Samples[^1].AtSeconds);
        Assert.Single(queue.Samples.Zip(queue.Samples.Skip(1), static (before, next) => next.AtSeconds - before.AtSeconds).DefaultIfEmpty(1).Distinct());
    }

    [Fact]
    public void A_queue_that_is_missing_once_loses_its_series_at_once()
    {
        var history = new StatisticsHistory();
        history.Add(SampleAt(0), Queues("orders", "invoices"));
        history.Add(SampleAt(1), Queues("invoices"));
        history.Add(SampleAt(2), Queues("orders", "invoices"));
        Assert.Equal(
            [("invoices", 3), ("orders", 1)],
            history.Read().Queues.Select(static queue => (queue.Name.Topic, queue.Samples.Count)));
    }

    [Fact]
    public void At_most_512_queues_are_tracked_and_the_first_seen_are_kept()
    {
        var history = new StatisticsHistory();
        history.Add(SampleAt(0), Queues([.. Enumerable.Range(0, 500).Select(static i => $"first.{i}")]));
        history.Add(SampleAt(1), Queues([.. Enumerable.Range(0, 500).Select(static i => $"late.{i}"), .. Enumerable.Range(0, 500).Select(static i => $"first.{i}")]));
        IReadOnlyList<QueueHistory> queues = history.Read().Queues;
        Assert.Equal((512, 500), (queues.Count, queues.Count(static queue => queue.Samples.Count == 2)));
    }

    private void Pass(LastMinute minute, TimeSpan time)
    {
        _time.Advance(time);
        minute.Take();
    }

    private static HistorySample SampleAt(long seconds) => new() { AtSeconds = seconds };

    private static Dictionary<QueueName, (long Depth, long Leased)> Queues(params string[] topics) =>
        topics.ToDictionary(static topic => new QueueName(topic, null), static _ => (1L, 0L));
}
