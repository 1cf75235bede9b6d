using System.Buffers;
using System.Text;
using Fibril.Broker.Admin.Metrics;
using Fibril.Broker.Primitives;
using Fibril.Broker.Statistics;
using Fibril.Broker.Statistics.History;
using Fibril.Broker.Statistics.Readings;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>What a broker counts of its connections, and the statistics of a whole broker.</summary>
public sealed class SessionMetricsTests
{
    private static readonly string[] LinesOnTheBroker = ["Messages:", "Storage:", "Connections:"];

    [Fact] // O-12
    public async Task Connections_their_bytes_and_their_errors_are_counted()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer good = await broker.ConnectAsync();
        await good.PublishAllAsync("0123456789");
        RawPeer bad = broker.Accept();
        await bad.SendFrameAsync(OpCode.Publish, 1, 1, 2, 3);
        await Patience.Until(() => broker.Metrics.Sessions.Errors.Value == 1);
        Assert.Equal(2, broker.Metrics.Sessions.Accepted.Value);
        await good.CloseAsync();
        await Patience.Until(() => broker.Metrics.Sessions.Ended.Value >= 1);
        Assert.InRange(broker.Metrics.Sessions.BytesIn.Value, 100, 1000);
        Assert.InRange(broker.Metrics.Sessions.BytesOut.Value, 50, 1000);
        Assert.Equal(1, broker.Metrics.Sessions.Errors.Value);
    }

    [Fact] // R-80, D-07 and 6.2 of the admin API
    public async Task Statistics_tell_totals_rates_gauges_and_a_history()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        using var statistics = new BrokerStatistics(broker.Metrics, broker.Parts, broker.Time, broker.Log);
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("0", "1", "2");
        await peer.SubscribeAsync(prefetch: 1);
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        await peer.AckAsync(delivery);
        await peer.ExpectDeliveryAsync();
        await broker.WhenIdleAsync();
        broker.Advance(TimeSpan.FromSeconds(10));

        StatisticsReading reading = statistics.Read();
        Assert.Equal((new Rate(3, 0.3), new Rate(2, 0.2), new Rate(1, 0.1)), (reading.Messages.Published, reading.Messages.Delivered, reading.Messages.Acked));
        Assert.Equal((1, 1, 1, 1, 1), (reading.Now.Ready, reading.Now.Leased, reading.Now.Connections, reading.Now.Subscriptions, reading.Now.LoadedPartitions));
        Assert.Equal((1, 0, 7), (reading.Sessions.ResumeNew, reading.Sessions.ResumeAccepted, reading.Sessions.ReconcileOutcomes.Count));
        Assert.Equal((3, 3), (reading.Storage.MessageLog.Records, reading.Messages.Confirm.Count));
        Assert.True(reading.Now.StoredBytes > 100);
        Assert.Equal(new QueueName("orders", null), Assert.Single(statistics.Storage.ByChannel()).Name);

        HistoryReading history = statistics.ReadHistory(new HistoryQuery());
        Assert.Equal([5, 10], history.Samples.Select(static sample => sample.AtSeconds - SessionHarness.Start.ToUnixTimeSeconds()));
        Assert.Equal((1, 1), (history.Samples[^1].Backlog, history.Samples[^1].Inflight));
        Assert.Equal((1, 1), (Assert.Single(history.Queues).Samples[^1].Depth, history.Queues[0].Samples[^1].Leased));
    }

    [Fact] // U-28 of the dashboard
    public async Task A_restart_keeps_the_history_and_shows_how_long_the_broker_was_down()
    {
        await using var broker = SessionHarness.WithoutPushes();
        long start = SessionHarness.Start.ToUnixTimeSeconds();
        using (var statistics = new BrokerStatistics(broker.Metrics, broker.Parts, broker.Time, broker.Log))
        {
            RawPeer peer = await broker.ConnectAsync();
            await peer.PublishAllAsync("0", "1", "2");
            await broker.WhenIdleAsync();
            broker.Advance(TimeSpan.FromMinutes(17));
            await Patience.Wait(statistics.HistoryWritten);
            await peer.CloseAsync();
        }

        await using var next = new SessionHarness(disk: broker.Disk.AfterKill(), time: broker.Time);
        next.Advance(TimeSpan.FromMinutes(8));
        using var after = new BrokerStatistics(next.Metrics, next.Parts, next.Time, next.Log);
        Assert.Empty(after.ReadHistory(new HistoryQuery()).Samples); // the fine ones are of this run
        next.Advance(TimeSpan.FromMinutes(5));
        HistoryReading day = after.ReadHistory(new HistoryQuery { Range = HistoryRange.Day });
        Assert.Equal(
            Enumerable.Range(1, 17).Concat(Enumerable.Range(26, 5)).Select(minute => start + (60 * minute)), day.Samples.Select(static minute => minute.AtSeconds));
        Assert.Equal((3, 0), (day.Samples[16].Backlog, day.Samples[17].Backlog)); // nobody has loaded the queue since
        HistoryReading month = after.ReadHistory(new HistoryQuery { Range = HistoryRange.Month });
        Assert.Equal([start + 900, start + 1800], month.Samples.Select(static quarter => quarter.AtSeconds));
        Assert.Equal(3, month.Samples[1].MostBacklog); // of the two minutes before the stop
        Assert.DoesNotContain(next.Log.Lines, static line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task A_disk_that_does_not_sync_is_counted_with_the_partitions_that_wait_for_it()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        using var statistics = new BrokerStatistics(broker.Metrics, broker.Parts, broker.Time, broker.Log);
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("0");
        await broker.WhenIdleAsync();
        StatisticsReading well = statistics.Read();
        Assert.Equal((0, 0, false), (well.Storage.FailedSyncs, well.Now.FailingPartitions, well.Now.DiskFull));
        Assert.NotNull(well.Storage.Sync.LastMinuteMaxMs);

        broker.FailSyncs = true;
        await peer.SendRawAsync(new TestPublish { Text = "1" }.ToFrame(requestId: 99));
        await Patience.Until(() => statistics.Read().Now.FailingPartitions == 1);
        Assert.True(statistics.Read().Storage.FailedSyncs > 0);
        broker.FailSyncs = false;
        await Patience.Until(() =>
        {
            broker.Advance(TimeSpan.FromSeconds(1));
            return statistics.Read().Now.FailingPartitions == 0;
        });
    }

    [Fact] // configuration 11
    public async Task Every_ten_seconds_a_line_each_tells_what_has_happened_and_nothing_when_nothing_has()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        using var statistics = new BrokerStatistics(broker.Metrics, broker.Parts, broker.Time, broker.Log);
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("0");
        await broker.WhenIdleAsync();
        broker.Advance(TimeSpan.FromSeconds(60));
        Assert.All(LinesOnTheBroker, line => Assert.Single(broker.Log.Lines, logged => logged.Level == LogLevel.Debug && logged.Text.StartsWith(line, StringComparison.Ordinal)));
        await peer.PublishAllAsync("1");
        await broker.WhenIdleAsync();
        broker.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal([2, 2, 1], LinesOnTheBroker.Select(line => broker.Log.Lines.Count(logged => logged.Text.StartsWith(line, StringComparison.Ordinal))));
        Assert.Contains(broker.Log.Lines, static logged => logged.Text.Contains("published 0/s (1)", StringComparison.Ordinal) || logged.Text.Contains("published 0.1/s (1)", StringComparison.Ordinal));
    }

    [Theory] // O-12
    [InlineData(true)]
    [InlineData(false)]
    public async Task Series_of_channels_can_be_switched_off(bool perChannel)
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        using var statistics = new BrokerStatistics(broker.Metrics, broker.Parts, broker.Time, broker.Log);
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("0");
        await broker.WhenIdleAsync();
        var body = new ArrayBufferWriter<byte>();
        MetricsEndpoint.Write(body, statistics, broker.Queues, broker.Streams, perChannel);
        string text = Encoding.UTF8.GetString(body.WrittenSpan);
        Assert.Contains("\nfibril_broker_published_total 1\n", text, StringComparison.Ordinal);
        Assert.Equal(perChannel, text.Contains("orders", StringComparison.Ordinal));
    }

    [Fact] // O-12
    public async Task A_scrape_of_a_partition_that_does_not_move_is_answered()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        using var statistics = new BrokerStatistics(broker.Metrics, broker.Parts, broker.Time, broker.Log);
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("0");
        await broker.WhenIdleAsync();
        broker.Threads.HoldWork();
        var body = new ArrayBufferWriter<byte>();
        MetricsEndpoint.Write(body, statistics, broker.Queues, broker.Streams, perChannel: true);
        Assert.Contains("fibril_queue_ready{topic=\"orders\",group=\"\",partition=\"0\"} 1\n", Encoding.UTF8.GetString(body.WrittenSpan), StringComparison.Ordinal);
        Assert.Equal(0, broker.Threads.HeldCount);
        broker.Threads.ResumeWork();
    }

    [Fact]
    public async Task What_was_never_loaded_counts_in_the_storage_of_its_channel()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("0");
        await peer.CloseAsync();
        await broker.StopAsync();
        await using var next = new SessionHarness(disk: broker.Disk.AfterKill());
        using var statistics = new BrokerStatistics(next.Metrics, next.Parts, next.Time, next.Log);
        await Patience.Wait(statistics.SizesKnown);
        Assert.Empty(next.Queues.Loaded);
        Assert.InRange(Assert.Single(statistics.Storage.ByChannel()).MessageBytes, 50, 1000);
    }
}
