using System.Runtime.CompilerServices;
using Fibril.Broker.Primitives;
using Fibril.Broker.Statistics.History;

namespace Fibril.Tests.Unit.Statistics;

/// <summary>What is remembered of the broker: finely of the last half hour, and ever less so of a day and a month (admin-api 6.2, U-28 of the dashboard).</summary>
public sealed class HistoryTests
{
    private const long Noon = 1_767_268_800; // a full quarter of an hour

    private static readonly HistoryQuery Day = new() { Range = HistoryRange.Day };
    private static readonly HistoryQuery Month = new() { Range = HistoryRange.Month };
    private static readonly Dictionary<QueueName, QueueNow> NoQueues = [];

    private readonly StatisticsHistory _history = new();

    [Fact]
    public void The_last_half_hour_is_bounded_and_oldest_first()
    {
        for (int i = 0; i < 400; i++) _history.Add(SampleAt(i), NoQueues);
        HistoryReading reading = _history.Read(new HistoryQuery());
        Assert.Equal((360, 40, 399), (reading.Samples.Count, reading.Samples[0].AtSeconds, reading.Samples[^1].AtSeconds));
        Assert.Equal(Enumerable.Range(40, 360).Select(static i => (long)i), reading.Samples.Select(static sample => sample.AtSeconds));
        Assert.Equal(TimeSpan.FromSeconds(5), reading.Interval);
    }

    [Fact]
    public void A_minute_has_the_mean_of_rates_the_last_of_gauges_and_the_largest_of_percentiles()
    {
        for (int i = 1; i <= 12; i++)
        {
            Assert.Empty(_history.Read(Day).Samples);
            long backlog = i == 5 ? 1000 : i;
            _history.Add(
                SampleAt(Noon + (5 * i)) with
                {
                    PublishedPerSecond = i,
                    CpuPercent = 2 * i,
                    Backlog = backlog,
                    MostBacklog = backlog,
                    Connections = i,
                    DiskFreeBytes = i == 12 ? null : 7,
                    ConfirmP99Ms = i == 3 ? 8 : 4,
                    SyncP99Ms = i == 3 ? 2 : null,
                },
                NoQueues);
        }

        HistorySample minute = Assert.Single(_history.Read(Day).Samples);
        Assert.Equal(Noon + 60, minute.AtSeconds);
        Assert.Equal(6.5, minute.PublishedPerSecond, 9);
        Assert.Equal(13, minute.CpuPercent, 9);
        Assert.Equal((12, 1000, 12, null), (minute.Backlog, minute.MostBacklog, minute.Connections, minute.DiskFreeBytes));
        Assert.Equal((8f, 2f, null), (minute.ConfirmP99Ms, minute.SyncP99Ms, minute.DeliveryP99Ms));
    }

    [Fact]
    public void A_sample_on_the_full_minute_belongs_to_the_one_that_ends_and_the_next_to_the_one_that_begins()
    {
        foreach (long second in (long[])[55, 60, 61, 119, 120]) _history.Add(SampleAt(Noon + second) with { PublishedPerSecond = second }, NoQueues);
        Assert.Equal([(Noon + 60, 57.5), (Noon + 120, 100)], _history.Read(Day).Samples.Select(static minute => (minute.AtSeconds, minute.PublishedPerSecond)));
    }

    [Fact]
    public void A_quarter_of_an_hour_is_made_of_its_minutes()
    {
        for (int minute = 1; minute <= 30; minute++) AddMinute(Noon + (60 * minute), minute);
        Assert.Equal(
            [(Noon + 900, 8.0, 15L, 15L), (Noon + 1800, 23, 30, 30)],
            _history.Read(Month).Samples.Select(static quarter => (quarter.AtSeconds, Math.Round(quarter.PublishedPerSecond, 9), quarter.Backlog, quarter.MostBacklog)));
        Assert.Equal(TimeSpan.FromMinutes(15), _history.Read(Month).Interval);
    }

    [Fact]
    public void A_day_and_a_month_are_kept_and_no_more()
    {
        const int Minutes = 31 * 24 * 60;
        for (int minute = 1; minute <= Minutes; minute++) AddMinute(Noon + (60L * minute), minute);
        (IReadOnlyList<HistorySample> day, IReadOnlyList<HistorySample> month) = (_history.Read(Day).Samples, _history.Read(Month).Samples);
        const long End = Noon + (60L * Minutes);
        Assert.Equal((1440, End - 86_340, End), (day.Count, day[0].AtSeconds, day[^1].AtSeconds));
        Assert.Equal((2880, End - (2879 * 900), End), (month.Count, month[0].AtSeconds, month[^1].AtSeconds));
        Assert.Equal(month.Order(Comparer<HistorySample>.Create(static (one, other) => one.AtSeconds.CompareTo(other.AtSeconds))), month);
    }

    [Fact]
    public void Samples_of_the_broker_take_no_more_than_a_megabyte() =>
        Assert.InRange((StatisticsHistory.Points + HistoryShape.Minutes.Capacity + HistoryShape.Quarters.Capacity) * Unsafe.SizeOf<HistorySample>(), 500_000, 1_000_000);

    [Fact]
    public void A_time_in_which_nothing_was_sampled_is_a_gap_and_no_line_of_zeros()
    {
        AddMinute(Noon + 60, 1);
        _history.Add(SampleAt(Noon + 65), NoQueues); // the minute that was not finished is one of what there was of it
        AddMinute(Noon + 3600, 2);
        Assert.Equal([Noon + 60, Noon + 120, Noon + 3600], _history.Read(Day).Samples.Select(static minute => minute.AtSeconds));
        AddMinute(Noon + (3 * 86_400), 3); // longer than the day goes back: nothing of before comes up again
        Assert.Equal([Noon + (3 * 86_400)], _history.Read(Day).Samples.Select(static minute => minute.AtSeconds));
    }

    [Fact]
    public void A_clock_that_was_set_back_takes_back_what_came_after()
    {
        for (int minute = 1; minute <= 10; minute++) AddMinute(Noon + (60 * minute), minute);
        for (int minute = 4; minute <= 6; minute++) AddMinute(Noon + (60 * minute), 100);
        Assert.Equal([1, 2, 3, 100, 100, 100], _history.Read(Day).Samples.Select(static minute => minute.PublishedPerSecond));
    }

    [Theory]
    [InlineData(nameof(HistoryRange.HalfHour))]
    [InlineData(nameof(HistoryRange.Day))]
    [InlineData(nameof(HistoryRange.Month))]
    public void Who_has_seen_a_part_is_given_the_rest(string name)
    {
        HistoryRange range = Enum.Parse<HistoryRange>(name);
        for (int minute = 1; minute <= 120; minute++) AddMinute(Noon + (60 * minute), minute);
        IReadOnlyList<HistorySample> all = _history.Read(new HistoryQuery { Range = range }).Samples;
        Assert.Equal(all.Skip(3), _history.Read(new HistoryQuery { Range = range, SinceSeconds = all[2].AtSeconds }).Samples);
        Assert.Empty(_history.Read(new HistoryQuery { Range = range, SinceSeconds = all[^1].AtSeconds }).Samples);
    }

    [Fact]
    public void What_was_kept_of_an_earlier_run_is_gone_on_with()
    {
        HistorySample[] minutes = [.. Enumerable.Range(1, 20).Select(static minute => SampleAt(Noon + (60 * minute)) with { PublishedPerSecond = minute })];
        Assert.Empty(_history.Restore(minutes, [SampleAt(Noon + 900) with { PublishedPerSecond = 8 }]));
        Assert.Equal(minutes, _history.Read(Day).Samples);
        for (int minute = 26; minute <= 30; minute++) AddMinute(Noon + (60 * minute), minute);
        Assert.Equal([8, 23], _history.Read(Month).Samples.Select(static quarter => Math.Round(quarter.PublishedPerSecond, 9))); // 16 to 20 and 26 to 30
    }

    [Fact]
    public void What_an_earlier_run_did_not_come_to_complete_is_completed_and_to_be_kept()
    {
        HistorySample[] minutes = [.. Enumerable.Range(1, 20).Select(static minute => SampleAt(Noon + (60 * minute)))];
        TieredSample quarter = Assert.Single(_history.Restore(minutes, []));
        Assert.Equal((HistoryShape.Quarters, Noon + 900), (quarter.Shape, quarter.Sample.AtSeconds));
    }

    /// <summary>One sample stands for the whole minute.</summary>
    private void AddMinute(long end, long value) =>
        _history.Add(SampleAt(end) with { PublishedPerSecond = value, Backlog = value, MostBacklog = value }, NoQueues);

    private static HistorySample SampleAt(long seconds) => new() { AtSeconds = seconds };
}
