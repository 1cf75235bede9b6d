using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.State;
using Fibril.Tests.Support;
using Microsoft.Extensions.Logging;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Semantics sections 4.3 and 4.4: the state is rebuilt from a snapshot and from what happened and was published since.</summary>
public sealed class RestartTests
{
    [Theory] // S-26, M-15, M-43, D-7, D-12, Z-4
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void Every_kind_of_state_comes_back(Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Publish("settled", "retried", "leased", "failed", "retried later");
        Consumer before = queue.Subscribe(prefetch: 5);
        queue.Complete(before, before.Deliveries[0]);
        queue.Fail(before, before.Deliveries[3]);
        queue.Retry(before, before.Deliveries[4], delay: OneSecond * 20);
        queue.Retry(before, before.Deliveries[1]);
        queue.Publish("delayed", delay: OneSecond * 10);
        queue.Publish("short-lived", timeToLive: OneSecond * 5);
        queue.Harness.Unsubscribe(before);
        queue.Publish("ready");
        for (int life = 0; life < 3; life++) queue.Restart(ending, downtime: OneSecond * 2);

        Consumer after = queue.Subscribe(prefetch: 10);
        Assert.Equal(
            [("retried", 1), ("leased", 0), ("ready", 0)],
            after.Deliveries.Select(static delivery => (delivery.Text, delivery.Retries)));
        queue.Advance(OneSecond * 20);
        Assert.Equal(
            [("delayed", 0), ("retried later", 1)],
            after.Deliveries.Skip(3).Select(static delivery => (delivery.Text, delivery.Retries)).Order());
    }

    [Fact] // S-25: events behind a snapshot are applied, those before it are not applied again
    public void A_snapshot_and_what_happened_since_make_the_state()
    {
        using var queue = new QueueScenario();
        queue.Publish("retried", "settled");
        Consumer before = queue.Subscribe(prefetch: 3);
        queue.Retry(before, before.Deliveries[0]);
        FillSegments(queue, before);
        Assert.Contains(queue.Files, static file => file.StartsWith("state-", StringComparison.Ordinal));

        queue.Retry(before, before.Deliveries.Last(static delivery => delivery.Text == "retried"));
        queue.Complete(before, before.Deliveries.Last(static delivery => delivery.Text == "settled"));
        queue.Publish("new");
        queue.Restart(Ending.Kill);
        Consumer after = queue.Subscribe(prefetch: 10);
        Assert.Equal([("retried", 2), ("new", 0)], after.Deliveries.Select(static delivery => (delivery.Text, delivery.Retries)));
    }

    [Fact] // S-28
    public void Segments_stay_while_the_lowest_message_in_them_is_not_settled()
    {
        using var queue = new QueueScenario();
        queue.Publish("first");
        Consumer consumer = queue.Subscribe(prefetch: 2);
        FillSegments(queue, consumer);
        Assert.Contains("messages-00000000000000000000.log", queue.Files);

        queue.Complete(consumer, consumer.Deliveries.Last(static delivery => delivery.Text == "first"));
        FillSegments(queue, consumer);
        Assert.DoesNotContain("messages-00000000000000000000.log", queue.Files);
        Assert.Equal(2, queue.Files.Count(static file => file.StartsWith("state-", StringComparison.Ordinal)));

        queue.Publish("last");
        queue.Restart(Ending.PowerLoss);
        Assert.Equal(["last"], queue.Subscribe(prefetch: 10).Texts);
    }

    [Theory] // F-39
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void A_damaged_newest_snapshot_costs_a_warning_and_nothing_else(Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Publish("settled", "retried", "ready");
        Consumer before = queue.Subscribe(prefetch: 4);
        queue.Retry(before, before.Deliveries[1]);
        FillSegments(queue, before);
        queue.Complete(before, before.Deliveries[0]);
        queue.Publish("delayed", delay: OneSecond * 20);
        FillSegments(queue, before);
        queue.Publish("new");
        queue.Advance(OneSecond);
        if (ending == Ending.Stop) queue.Harness.Stop();
        string damaged = SnapshotDamage.FlipBitOfNewest(queue.Harness.Disk, queue.Harness.Directory, new Random(1))!;
        queue.RestartNow(ending);

        LogLine warning = Assert.Single(queue.Log.Lines, static line => line.Level == LogLevel.Warning);
        Assert.Contains(damaged, warning.Text, StringComparison.Ordinal);
        Consumer after = queue.Subscribe(prefetch: 10);
        Assert.Equal([("retried", 1), ("ready", 0), ("new", 0)], after.Deliveries.Select(static delivery => (delivery.Text, delivery.Retries)));
        queue.Advance(OneSecond * 20);
        Assert.Equal("delayed", after.Deliveries[^1].Text);
    }

    [Fact] // F-39: a start with the newest snapshot keeps what the older one needs
    public void Events_behind_the_older_snapshot_outlive_restarts_with_the_newest()
    {
        using var queue = new QueueScenario();
        queue.Publish("stays");
        Consumer before = queue.Subscribe(prefetch: 2);
        FillSegments(queue, before);
        for (int i = 0; i < 400; i++)
        {
            queue.Publish("x");
            queue.Complete(before, before.Deliveries[^1]); // an event each, more than a segment of them
        }

        queue.Restart(Ending.Stop);
        queue.Restart(Ending.Kill);
        string damaged = SnapshotDamage.FlipBitOfNewest(queue.Harness.Disk, queue.Harness.Directory, new Random(1))!;
        queue.Restart(Ending.Kill);
        Assert.Contains(queue.Log.Lines, line => line.Text.Contains(damaged, StringComparison.Ordinal));
        Assert.Equal(["stays"], queue.Subscribe(prefetch: 10).Texts);
    }

    [Fact] // F-39: until then the next damage would be the last
    public void A_damaged_snapshot_is_replaced_at_once()
    {
        using var queue = new QueueScenario();
        Consumer before = queue.Subscribe(prefetch: 2);
        queue.Publish("stays");
        FillSegments(queue, before);
        for (int round = 0; round < 3; round++)
        {
            Assert.NotNull(SnapshotDamage.FlipBitOfNewest(queue.Harness.Disk, queue.Harness.Directory, new Random(round)));
            queue.Restart(Ending.Kill);
            Consumer after = queue.Subscribe();
            Assert.Equal(["stays"], after.Texts);
            queue.Publish($"news of round {round}");
            KeptSnapshots kept = SnapshotFile.Load(queue.Harness.Disk, queue.Harness.Directory);
            Assert.True(kept is { Newest: not null, Older: not null, Damages: [] }, $"round {round}");
        }
    }

    [Fact] // F-39, S-44
    public void When_no_snapshot_is_whole_nothing_is_served()
    {
        using var queue = new QueueScenario();
        Consumer before = queue.Subscribe(prefetch: 2);
        FillSegments(queue, before);
        foreach (string name in queue.Files.Where(static file => file.StartsWith("state-", StringComparison.Ordinal)))
            queue.Harness.Disk.Corrupt(Path.Combine(queue.Harness.Directory, name), 21, 1);
        Assert.Contains(".snapshot", RefusalOf(queue), StringComparison.Ordinal);
    }

    [Fact] // S-40, S-44: a log that is shorter than what stands on it is damage, and nothing is served from it
    public void Messages_that_are_missing_below_a_snapshot_are_damage()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b");
        queue.Harness.Stop();
        CutMessages(queue, count: 1);
        Assert.Contains("the snapshot knows 2 messages", RefusalOf(queue), StringComparison.Ordinal);
    }

    [Fact] // S-40
    public void An_event_about_a_message_that_is_not_there_is_damage()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b");
        Consumer consumer = queue.Subscribe(prefetch: 2);
        queue.Complete(consumer, consumer.Deliveries[1]);
        CutMessages(queue, count: 1);
        Assert.Contains("an event refers to offset 1", RefusalOf(queue), StringComparison.Ordinal);
    }

    [Fact] // S-44
    public void Messages_that_are_missing_at_the_front_are_damage()
    {
        using var queue = new QueueScenario();
        for (int i = 0; i < 8; i++) queue.Publish(new string('x', 8 << 10));
        DeleteSegment(queue, which: 0);
        Assert.Contains("messages-00000000000000000000.log", RefusalOf(queue), StringComparison.Ordinal);
    }

    [Fact] // S-44, S-4: a segment that a snapshot covers is first read when its messages are wanted
    public void Messages_that_are_missing_in_the_middle_are_damage_when_they_are_reached()
    {
        using var queue = new QueueScenario();
        for (int i = 0; i < 8; i++) queue.Publish(new string('x', 8 << 10));
        DeleteSegment(queue, which: 1);
        queue.RestartNow(Ending.Kill);
        Consumer consumer = queue.Subscribe(prefetch: 100);
        Assert.NotNull(consumer.ClosedBecause);
        Assert.Equal(Enumerable.Range(0, consumer.Deliveries.Count).Select(static i => (long)i), consumer.Offsets);
        Assert.InRange(consumer.Deliveries.Count, 0, 7);
    }

    [Fact] // S-30: what a stop leaves behind is all there is to read at the next start
    public void A_stop_without_news_writes_nothing()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        queue.Harness.Stop();
        IReadOnlyDictionary<string, byte[]> first = queue.Harness.Disk.Content();
        queue.RestartNow(Ending.Kill);
        queue.Harness.Stop();
        Assert.Equal(first, queue.Harness.Disk.Content());
    }

    [Fact] // S-26
    public void A_snapshot_lists_what_cannot_be_read_from_the_messages()
    {
        using var queue = new QueueScenario();
        queue.Publish("settled", "retried", "settled too", "ready");
        Consumer consumer = queue.Subscribe(prefetch: 3);
        queue.Complete(consumer, consumer.Deliveries[0]);
        queue.Complete(consumer, consumer.Deliveries[2]);
        queue.Retry(consumer, consumer.Deliveries[1], delay: OneSecond);
        long due = queue.In(OneSecond);
        queue.Publish("short-lived", timeToLive: OneSecond * 2);

        QueueSnapshot state = queue.StopAndReadState();
        Assert.Equal(5, state.MessageEnd);
        Assert.Equal([new OffsetRange(0, 1), new OffsetRange(2, 3)], state.Settled);
        Assert.Equal(1, state.SettledFrontier);
        Assert.Equal([(1L, due)], state.Delayed);
        Assert.Equal([(1L, 1)], state.Retries);
        Assert.Equal([(4L, due + 1000)], state.Deadlines);
    }

    /// <summary>Publishes and completes until message segments have been filled, and snapshots taken.</summary>
    private static void FillSegments(QueueScenario queue, Consumer consumer)
    {
        for (int i = 0; i < 8; i++)
        {
            queue.Publish(new string('x', 8 << 10));
            queue.Complete(consumer, consumer.Deliveries.Last(static delivery => delivery.Text[0] == 'x'));
        }
    }

    /// <summary>Cuts the only message segment behind its first <paramref name="count"/> records.</summary>
    private static void CutMessages(QueueScenario queue, int count)
    {
        string name = Assert.Single(queue.MessageSegments);
        using IStorageFile file = queue.Harness.Disk.Open(Path.Combine(queue.Harness.Directory, name));
        long end = SegmentHeader.Size;
        var length = new byte[sizeof(int)];
        for (int i = 0; i < count; i++)
        {
            file.Read(length, end);
            end += RecordHeader.Align(BitConverter.ToInt32(length));
        }

        file.Truncate(end);
    }

    private static void DeleteSegment(QueueScenario queue, int which)
    {
        IReadOnlyList<string> segments = queue.MessageSegments;
        Assert.InRange(segments.Count, 4, 10);
        queue.Harness.Disk.DeleteFile(Path.Combine(queue.Harness.Directory, segments[which]));
    }

    /// <summary>Restarts, which must be refused, and returns why.</summary>
    private static string RefusalOf(QueueScenario queue) =>
        Assert.ThrowsAny<IOException>(() => queue.RestartNow(Ending.Kill)).Message;
}
