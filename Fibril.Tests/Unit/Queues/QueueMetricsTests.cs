using Fibril.Broker.Log;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.State;
using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>What a partition of a queue counts, and what it shows of itself.</summary>
public sealed class QueueMetricsTests
{
    [Fact] // O-12
    public void Publishes_deliveries_and_acknowledgements_are_counted()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b", "c");
        queue.Publish("d");
        Consumer consumer = queue.Subscribe(prefetch: 10);
        queue.Complete(consumer, consumer.Deliveries[0]);
        queue.Complete(consumer, consumer.Deliveries[0]); // a dead tag is no acknowledgement
        queue.Fail(consumer, consumer.Deliveries[1]);
        Assert.Equal((4, 2, 4), (queue.Harness.Metrics.Channels.Published.Value, queue.Harness.Metrics.Channels.PublishBatches.Value, queue.Harness.Metrics.Channels.Delivered.Value));
        Assert.Equal((1, 1, 3), (queue.Harness.Metrics.Queues.Acked.Value, queue.Harness.Metrics.Queues.Nacked.Value, queue.Harness.Metrics.Queues.SettleBatches.Value));
        Assert.Equal((0, 0), (queue.Harness.Metrics.Queues.Redelivered.Value, queue.Harness.Metrics.Queues.Expired.Value));
    }

    [Fact]
    public void Messages_that_could_not_be_stored_do_not_count_as_published()
    {
        using var queue = new QueueScenario();
        queue.Harness.Disk.BeforeOperation = static operation =>
        {
            if (operation.Kind == DiskOperationKind.Sync) throw DiskFaults.InputOutputError();
        };
        queue.Publish("a");
        Assert.Equal(0, queue.Harness.Metrics.Channels.Published.Value);
    }

    [Fact]
    public void Retries_and_expired_leases_are_redeliveries()
    {
        using QueueScenario queue = WithRetryLimit(1);
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        queue.Retry(consumer, consumer.Deliveries[0]);
        Assert.Equal(1, queue.Harness.Metrics.Queues.Redelivered.Value);
        queue.Advance(LeaseTime + OneMs);
        Assert.Equal(2, queue.Harness.Metrics.Queues.Redelivered.Value);
        queue.Retry(consumer, consumer.Deliveries[^1]); // one too many: it does not come back
        Assert.Equal((2, 2), (queue.Harness.Metrics.Queues.Redelivered.Value, queue.Harness.Metrics.Queues.Nacked.Value));
    }

    [Fact]
    public void Messages_whose_time_to_live_is_over_are_counted_once()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", timeToLive: OneSecond);
        queue.Publish("b");
        queue.Advance(OneSecond * 20);
        queue.Subscribe(prefetch: 10);
        Assert.Equal((1, 1), (queue.Harness.Metrics.Queues.Expired.Value, queue.Harness.Metrics.Channels.Delivered.Value));
    }

    [Fact]
    public void The_disk_is_counted()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b", "c");
        LogKindMetrics log = queue.Harness.Metrics.Log.Of(LogKind.Messages);
        Assert.Equal((1, 3, 1, 1), (log.Appends.Value, log.Records.Value, log.SyncDuration.Read().Count, queue.Harness.Metrics.Log.Writes.Value));
        Assert.Equal(queue.Harness.Partition.Gauges.MessageBytes - 40, log.Bytes.Value, 40d); // but for the header of the segment
        queue.Subscribe(); // reads the backlog
        Assert.Equal((1, 1), (log.ReadDuration.Read().Count, queue.Harness.Metrics.Log.Reads.Value));
    }

    [Fact]
    public void How_late_a_delayed_message_is_counts_from_when_it_was_due()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", delay: OneSecond * 10);
        queue.Advance(OneSecond * 12); // due, and nobody is there
        queue.Advance(OneSecond * 3);
        queue.Subscribe();
        Assert.Equal((1, 5.0), (queue.Harness.Metrics.Queues.Lateness.Read().Count, queue.Harness.Metrics.Queues.Lateness.Read().SumSeconds));
    }

    [Fact]
    public void Dead_letters_are_counted_when_their_copy_is_durable()
    {
        using var queues = new DeadLetterScenario(new QueueSettings(0, null, DeadLetterScenario.ToTarget));
        queues.Publish("a");
        queues.FailNext();
        Assert.Equal(1, queues.Source.Metrics.Queues.DeadLetterCopies.Value);
        Assert.Equal(1, queues.Target.Metrics.Channels.Published.Value);
    }

    [Fact] // O-12
    public void What_a_partition_shows_is_how_it_stands_at_the_end_of_its_turn()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b", "c");
        queue.Publish("d", delay: OneSecond * 100);
        queue.Subscribe();
        QueueGauges shown = queue.Harness.Partition.Gauges;
        Assert.Equal((2, 1, 1, 1, 0), (shown.Ready, shown.Leased, shown.Delayed, shown.Subscriptions, shown.DeadLettering));
    }

    [Fact]
    public async Task A_partition_describes_itself()
    {
        using QueueScenario queue = WithRetryLimit(5);
        queue.Publish("a", "b", "c", "d");
        queue.Publish("e", timeToLive: OneSecond * 50);
        Consumer consumer = queue.Subscribe(prefetch: 2);
        queue.Retry(consumer, consumer.Deliveries[1], delay: OneSecond * 100);
        queue.Complete(consumer, consumer.Deliveries[0]);
        Task<QueuePartitionStatus> asked = queue.Harness.Partition.DescribeAsync(TestContext.Current.CancellationToken);
        queue.Harness.Run();
        QueuePartitionStatus status = await asked;
        Assert.Equal((1, 5), (status.SettledUntil, status.NextOffset));
        Assert.Equal((new OffsetSpan(1, 4, 4), 1, new OffsetSpan(2, 2, 3)), (status.Ready, status.ReadyFragments, status.Leased));
        Assert.Equal((1, 1, 1, 1, queue.In(OneSecond * 50)), (status.Delayed, status.Retried, status.Expiring, status.Consumers.Count, status.NextExpiryMs));
        Assert.True(status is { IsDirty: true, IsSnapshotting: false, SnapshotEvent: 0 });
    }

    [Fact]
    public void The_age_of_the_oldest_is_known_and_ends_with_it()
    {
        using var queue = new QueueScenario();
        long first = queue.NowMs;
        queue.Publish("a");
        queue.Advance(OneSecond * 5);
        long second = queue.NowMs;
        queue.Publish("b");
        Consumer consumer = queue.Subscribe();
        QueueGauges shown = queue.Harness.Partition.Gauges;
        Assert.Equal((second, first), (shown.OldestReadyMs, shown.OldestUnsettledMs));
        queue.Complete(consumer, consumer.Deliveries[0]);
        Assert.Equal((0, second), (shown.OldestReadyMs, shown.OldestUnsettledMs));
        queue.Complete(consumer, consumer.Deliveries[1]);
        Assert.Equal((0, 0), (shown.OldestReadyMs, shown.OldestUnsettledMs));
    }

    [Theory]
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    public void The_age_of_the_oldest_is_known_after_a_restart(Ending ending)
    {
        using var queue = new QueueScenario();
        long first = queue.NowMs;
        queue.Publish("a");
        queue.Advance(OneSecond * 5);
        queue.Publish("b");
        queue.Restart(ending, downtime: OneSecond * 60);
        queue.Harness.Run();
        Assert.Equal(first, queue.Harness.Partition.Gauges.OldestUnsettledMs);
    }

    [Fact]
    public void Marks_of_ages_get_sparser_and_never_make_a_message_younger()
    {
        var marks = new AgeMarks();
        for (long offset = 0; offset < 100_000; offset++) marks.Note(offset, offset * 10);
        for (long offset = 0; offset < 100_000; offset += 777) Assert.InRange(marks.TimeOf(offset)!.Value, 0, offset * 10);
        Assert.InRange(marks.TimeOf(99_999)!.Value, 990_000, 999_990);
        marks.ForgetBefore(50_000);
        Assert.Null(marks.TimeOf(1000));
        Assert.NotNull(marks.TimeOf(50_000));
    }
}
