using Fibril.Broker.Primitives;
using Fibril.Broker.Statistics.History;

namespace Fibril.Tests.Unit.Statistics;

/// <summary>Which queues are followed over time, and what is told of them (admin-api 6.2).</summary>
public sealed class QueueHistoryTests
{
    private static readonly QueueNow Idle = new(0, 0, IsActive: false);
    private static readonly QueueNow Used = new(0, 0, IsActive: true);

    private readonly StatisticsHistory _history = new();
    private long _now;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(72, 72)]
    [InlineData(73, 37)]
    [InlineData(400, 72)]
    public void A_queue_is_served_with_at_most_72_points_the_newest_among_them(int added, int served)
    {
        for (int i = 0; i < added; i++) Add(("orders", Used));
        QueueHistory queue = Assert.Single(Read().Queues);
        Assert.Equal((served, _now), (queue.Samples.Count, queue.Samples[^1].AtSeconds));
        Assert.Equal(
            queue.Interval.TotalSeconds,
            Assert.Single(queue.Samples.Zip(queue.Samples.Skip(1), static (before, next) => next.AtSeconds - before.AtSeconds).DefaultIfEmpty(5).Distinct()));
    }

    [Fact]
    public void One_queue_is_served_with_every_point_and_without_the_broker()
    {
        for (int i = 0; i < 400; i++) Add(("orders", new QueueNow(i, 2 * i, IsActive: true)), ("invoices", Used));
        HistoryReading reading = Read(new HistoryQuery { Queue = new QueueName("orders", null) });
        QueueHistory queue = Assert.Single(reading.Queues);
        Assert.Equal((0, "orders", 360), (reading.Samples.Count, queue.Name.Topic, queue.Samples.Count));
        Assert.Equal(new QueueSample(_now, 399, 798), queue.Samples[^1]);
        Assert.Equal(10, Assert.Single(Read(new HistoryQuery { Queue = new QueueName("orders", null), SinceSeconds = _now - 50 }).Queues).Samples.Count);
        Assert.Empty(Read(new HistoryQuery { Queue = new QueueName("orders", "eu") }).Queues);
    }

    [Fact]
    public void A_day_of_a_queue_has_a_point_every_five_minutes_and_a_month_none()
    {
        for (int i = 0; i < 2 * 24 * 720; i++) Add(("orders", new QueueNow(i, 0, IsActive: true)));
        IReadOnlyList<QueueSample> day = Assert.Single(Read(new HistoryQuery { Range = HistoryRange.Day, Queue = new QueueName("orders", null) }).Queues).Samples;
        Assert.Equal(288, day.Count);
        Assert.All(day.Zip(day.Skip(1)), static pair => Assert.Equal((300, 60), (pair.Second.AtSeconds - pair.First.AtSeconds, pair.Second.Depth - pair.First.Depth)));
        Assert.InRange(_now - day[^1].AtSeconds, 0, 300);
        Assert.Equal(72, Assert.Single(Read(new HistoryQuery { Range = HistoryRange.Day }).Queues).Samples.Count);
        Assert.Empty(Read(new HistoryQuery { Range = HistoryRange.Month }).Queues);
    }

    [Fact]
    public void Whoever_wants_no_queues_is_given_none()
    {
        Add(("orders", Used));
        HistoryReading reading = Read(new HistoryQuery { WithQueues = false });
        Assert.Equal((1, 0), (reading.Samples.Count, reading.Queues.Count));
    }

    [Fact]
    public void Whoever_wants_queues_alone_is_given_no_samples_of_the_broker()
    {
        Add(("orders", Used));
        HistoryReading reading = Read(new HistoryQuery { WithBroker = false });
        Assert.Equal((0, 1), (reading.Samples.Count, reading.Queues.Count));
    }

    [Fact]
    public void A_queue_that_is_missing_once_loses_its_series_at_once()
    {
        Add(("orders", Used), ("invoices", Used));
        Add(("invoices", Used));
        Add(("orders", Used), ("invoices", Used));
        Assert.Equal([("invoices", 3), ("orders", 1)], Read().Queues.Select(static queue => (queue.Name.Topic, queue.Samples.Count)));
    }

    [Fact]
    public void At_most_512_queues_are_tracked_and_of_equals_the_first_seen_are_kept()
    {
        Add([.. Many("first", 500, Used)]);
        Add([.. Many("late", 500, Used), .. Many("first", 500, Used)]);
        Add([.. Many("late", 500, Used), .. Many("first", 500, Used)]);
        IReadOnlyList<QueueHistory> queues = Read().Queues;
        Assert.Equal((512, 500), (queues.Count, queues.Count(static queue => queue.Samples.Count == 3)));
    }

    [Fact]
    public void A_queue_that_gets_a_backlog_is_tracked_whatever_lies_idle_beside_it()
    {
        Add([.. Many("idle", 10_000, Idle)]);
        Assert.Equal(512, Read().Queues.Count);
        Add([.. Many("idle", 10_000, Idle), ("orders", new QueueNow(1, 0, IsActive: true)), ("invoices", Used)]);
        Assert.Equal(["orders", "invoices"], Read().Queues.Skip(510).Select(static queue => queue.Name.Topic)); // the fuller one first
    }

    [Fact]
    public void Of_idle_queues_the_one_that_was_used_last_goes_last()
    {
        (string, QueueNow)[] others = [.. Many("idle", 511, Idle)];
        Add([("orders", Used), .. others]);
        Add([("orders", Idle), .. others]);
        Add([("orders", Idle), .. others, .. Many("busy", 511, Used)]);
        Assert.Contains(Read().Queues, static queue => queue.Name.Topic == "orders");
        Add([("orders", Idle), .. others, .. Many("busy", 512, Used)]);
        Assert.DoesNotContain(Read().Queues, static queue => queue.Name.Topic == "orders");
    }

    [Theory]
    [InlineData(120, false)] // 10 are left behind at 121
    [InlineData(121, true)]
    public void Where_all_are_busy_a_much_fuller_queue_comes_in_and_one_that_is_a_little_fuller_does_not(int depth, bool isTracked)
    {
        Add([.. Many("busy", 512, new QueueNow(10, 0, IsActive: true))]);
        Add([.. Many("busy", 512, new QueueNow(10, 0, IsActive: true)), ("orders", new QueueNow(depth, 0, IsActive: true))]);
        IReadOnlyList<QueueHistory> queues = Read().Queues;
        Assert.Equal((512, isTracked), (queues.Count, queues.Any(static queue => queue.Name.Topic == "orders")));
    }

    private static IEnumerable<(string, QueueNow)> Many(string stem, int count, QueueNow now) => Enumerable.Range(0, count).Select(i => ($"{stem}.{i}", now));

    private void Add(params (string Topic, QueueNow Now)[] queues)
    {
        _now += 5;
        _history.Add(new HistorySample { AtSeconds = _now }, queues.ToDictionary(static queue => new QueueName(queue.Topic, null), static queue => queue.Now));
    }

    private HistoryReading Read(HistoryQuery? query = null) => _history.Read(query ?? new HistoryQuery());
}
