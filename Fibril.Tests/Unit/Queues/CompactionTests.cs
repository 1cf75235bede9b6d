using Fibril.Broker.Log;
using Fibril.Broker.Log.Repair;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Inspection;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>A message that stays does not keep those around it on the disk (S-28, 4.3).</summary>
public sealed class CompactionTests
{
    private const int Kibibyte = 1 << 10;

    private static readonly LogOptions Small = PartitionHarness.SmallSegments();

    public static TheoryData<Ending> Endings => [.. Enum.GetValues<Ending>()];

    [Theory, MemberData(nameof(Endings))] // S-28, S-2, M-46
    public void One_message_that_stays_under_many_that_go_takes_two_segments_and_twice_itself(Ending ending)
    {
        using var queue = new QueueScenario();
        Consumer holder = queue.Subscribe();
        queue.Publish("stays");
        Churn(queue.Harness, 2000);
        Assert.InRange(MessageBytes(queue), 0, (2 * Small.MessageSegmentBytes) + 200);
        Assert.InRange(queue.MessageSegments.Count, 1, 20);

        queue.Restart(ending);
        Consumer next = queue.Subscribe(prefetch: 10);
        Assert.Equal([("stays", 0L)], next.Deliveries.Select(static delivery => (delivery.Text, delivery.Offset)));
        queue.Publish("new");
        Assert.Equal(2001, next.Deliveries[^1].Offset);
        queue.Complete(next, next.Deliveries[0]);
        Churn(queue.Harness, 40);
        queue.Advance(QueueScenario.OneSecond);
        Assert.DoesNotContain("messages-00000000000000000000.log", queue.MessageSegments);
        Assert.Empty(holder.Deliveries.Skip(1));
    }

    [Fact] // S-28: the flush that fills the next segment has yet to cut this one to its length, and knows it by its name
    public void A_segment_is_not_compacted_before_the_next_one_is_on_the_disk()
    {
        using var queue = new QueueScenario();
        queue.Publish(new string('a', 5 * Kibibyte), new string('b', 5 * Kibibyte), new string('c', 5 * Kibibyte), "kept");
        Consumer consumer = queue.Subscribe(prefetch: 4);
        foreach (TestDelivery delivery in consumer.Deliveries.Take(3).ToArray()) queue.Complete(consumer, delivery);
        queue.Restart(Ending.Kill);

        queue.Harness.RunNewestFirst = true; // a flush thread that is late
        queue.Publish(new string('d', 5 * Kibibyte));
        Assert.Equal(2, queue.MessageSegments.Count);
        queue.Restart(Ending.Kill);
        Assert.Equal([3L, 4L], queue.Subscribe(prefetch: 4).Offsets);
    }

    [Theory, MemberData(nameof(Endings))] // S-28, M-43, D-7: whatever survives keeps its offset, its bytes and its state
    public void Survivors_keep_their_offsets_bytes_and_retries(Ending ending)
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe(prefetch: 1000);
        for (int i = 0; i < 600; i++) queue.Publish($"{i} ".PadRight(100 + (i * 7 % 400), '.'));
        foreach (TestDelivery delivery in consumer.Deliveries.ToArray())
        {
            if (delivery.Offset % 50 == 7) queue.Retry(consumer, delivery);
            else if (delivery.Offset % 50 != 9) queue.Complete(consumer, delivery);
        }

        for (int i = 0; i < 60; i++) queue.Publish(new string('x', Kibibyte)); // segments fill, snapshots are taken
        Assert.InRange(MessageBytes(queue), 0, (8 * Small.MessageSegmentBytes) + (80 * Kibibyte));
        queue.Restart(ending);
        Consumer next = queue.Subscribe(prefetch: 1000);
        TestDelivery[] old = [.. next.Deliveries.Where(static delivery => delivery.Offset < 600)];
        Assert.Equal(Enumerable.Range(0, 600).Where(static i => i % 50 is 7 or 9).Select(static i => (long)i), old.Select(static delivery => delivery.Offset));
        Assert.All(old, static delivery => Assert.Equal($"{delivery.Offset} ".PadRight(100 + ((int)delivery.Offset * 7 % 400), '.'), delivery.Text));
        Assert.All(old, static delivery => Assert.Equal(delivery.Offset % 50 == 7 ? 1 : 0, delivery.Retries));
    }

    [Fact] // S-27, S-28, F-47: power may fail at every step
    public void A_power_failure_at_any_step_of_a_compaction_loses_nothing()
    {
        int cuts = 0;
        for (int step = 0; ; step++)
        {
            using var queue = new QueueScenario();
            Consumer consumer = queue.Subscribe(prefetch: 200);
            for (int i = 0; i < 60; i++) queue.Publish($"{i} ".PadRight(900, '.'));
            foreach (TestDelivery delivery in consumer.Deliveries.Where(static delivery => delivery.Offset % 20 != 3).ToArray()) queue.Complete(consumer, delivery);
            queue.Advance(QueueScenario.OneSecond);
            SimulatedFileSystem disk = queue.Harness.Disk;
            SimulatedFileSystem? left = null;
            int steps = 0;
            disk.BeforeOperation = _ =>
            {
                if (steps++ == step) left = disk.AfterPowerLoss();
            };
            for (int i = 0; i < 20; i++) queue.Publish(new string('x', Kibibyte));
            disk.BeforeOperation = null;
            if (left is null) break;

            cuts++;
            Assert.Empty(LogVerification.Run(left.AfterKill(), PartitionHarness.PartitionDirectory, LogKind.Messages, LogKind.Events));
            using var next = new PartitionHarness(left, queue.Time);
            Assert.Null(next.Partition.ParkedBecause);
            string[] old = [.. next.Subscribe(prefetch: 1000).Deliveries.Where(static delivery => delivery.Offset < 60).Select(static delivery => delivery.Text.Split(' ')[0])];
            Assert.Equal(["3", "23", "43"], old);
        }

        Assert.True(cuts > 50, $"only {cuts} steps");
    }

    [Fact] // a compaction that fails changes nothing, and the next one does it
    public void A_compaction_that_cannot_be_written_changes_nothing()
    {
        using var queue = new QueueScenario();
        queue.Harness.Disk.FailAll(".log.tmp");
        Consumer holder = queue.Subscribe();
        queue.Publish("stays");
        Churn(queue.Harness, 200);
        Assert.Null(queue.Harness.Partition.ParkedBecause);
        Assert.True(queue.MessageSegments.Count > 10);
        queue.Harness.Disk.BeforeOperation = null;
        Churn(queue.Harness, 60);
        Assert.InRange(MessageBytes(queue), 0, (2 * Small.MessageSegmentBytes) + 200);
        Assert.Single(holder.Deliveries);
    }

    [Fact] // a disk that stalls at that moment must not cost a core
    public void A_read_waits_for_the_compaction_that_moves_its_message()
    {
        using var queue = new QueueScenario();
        queue.Publish("later", TimeSpan.FromMinutes(10));
        Consumer consumer = queue.Subscribe(prefetch: 100);
        Func<int> steps = StepsInTheMiddleOfACompaction(queue.Harness, queue.Harness.Step, () => queue.Time.Advance(TimeSpan.FromMinutes(10)));
        for (int i = 0; i < 60; i++)
        {
            queue.Publish(new string('x', Kibibyte));
            foreach (TestDelivery delivery in consumer.Deliveries.Where(static delivery => delivery.Text != "later").ToArray()) queue.Complete(consumer, delivery);
            consumer.Deliveries.RemoveAll(static delivery => delivery.Text != "later");
        }

        Assert.InRange(steps(), 1, 100);
        Assert.Equal(["later"], consumer.Texts);
    }

    [Fact] // S-53: an offset that nobody has settled must not become a gap
    public void A_message_that_a_repair_gave_up_is_given_up_by_who_asks_for_it_also_after_a_compaction()
    {
        var time = new JumpingTimeProvider();
        var disk = new SimulatedFileSystem();
        using (var queue = new PartitionHarness(disk, time))
        {
            queue.Publish(new TestMessage([1, 2, 3], NotBefore: queue.NowMs + 600_000));
            Churn(queue, 40);
            queue.Stop();
        }

        disk = disk.AfterKill();
        disk.Corrupt(disk.Content().Keys.First(static path => path.EndsWith("messages-00000000000000000000.log", StringComparison.Ordinal)), 64 + 40, xor: 1);
        PartitionHarness.Repair(disk, PartitionHarness.FindDamages(disk)[0]);

        using var repaired = new PartitionHarness(disk, time);
        Churn(repaired, 60);
        repaired.Advance(TimeSpan.FromMinutes(10));
        Consumer consumer = repaired.Subscribe(prefetch: 10);
        repaired.Publish(TestMessage.Of("next"));
        Assert.Equal(["next"], consumer.Texts);
        Assert.Equal(1, repaired.Partition.ActiveCount);
    }

    [Fact] // S-28: operators look for messages at any time
    public async Task Looks_at_messages_wait_for_the_compaction_that_moves_them()
    {
        using var queue = new QueueScenario();
        var somebody = new Operator(() => [queue.Harness], queue.Time);
        Consumer consumer = queue.Subscribe();
        queue.Publish("stays");
        Task<InspectionPage>? page = null;
        Task<MessageStory?>? story = null;
        Func<int> steps = StepsInTheMiddleOfACompaction(queue.Harness, somebody.Step, () =>
        {
            page = somebody.BeginInspection(queue.Harness);
            story = somebody.BeginStory(queue.Harness, 0);
        });
        Churn(queue.Harness, 60);
        somebody.Run();
        Assert.InRange(steps(), 0, 100);
        Assert.Equal(0, (await page!).Messages[0].State.Offset);
        Assert.NotNull((await story!)!.Content);
        Assert.Single(consumer.Deliveries, static delivery => delivery.Text == "stays");
    }

    [Fact]
    public void Copies_of_dead_letters_wait_for_the_compaction_that_moves_them()
    {
        using var queues = new DeadLetterScenario(new QueueSettings(null, null, DeadLetterPolicy.Global));
        queues.Publish("failed");
        queues.FailNext();
        Func<int> steps = StepsInTheMiddleOfACompaction(
            queues.Source,
            () => queues.Source.Step() || queues.Target.Step(),
            () =>
            {
                queues.Host.Global = DeadLetterScenario.TargetId.Queue;
                queues.Source.Partition.DeadLetterRouteChanged();
            });
        Consumer consumer = queues.Source.Subscribe(prefetch: 100);
        for (int i = 0; i < 60; i++)
        {
            queues.Publish(new string('x', Kibibyte));
            foreach (TestDelivery delivery in consumer.Deliveries.ToArray()) queues.Source.Settle(consumer, delivery.Tag, SettleKind.Complete);
            consumer.Deliveries.Clear();
        }

        queues.Run();
        Assert.InRange(steps(), 1, 100);
        Assert.Equal(["failed"], queues.Arrived().Select(static copy => copy.Text));
    }

    /// <summary>Goes on with other work, at most a thousand steps, while the first compaction is about to give its file the name of an old one.</summary>
    /// <returns>Says how many steps there were.</returns>
    private static Func<int> StepsInTheMiddleOfACompaction(PartitionHarness partition, Func<bool> step, Action causeWork)
    {
        int steps = 0;
        bool isFirst = true;
        partition.Disk.BeforeOperation = operation =>
        {
            bool isCompaction = operation.Kind == DiskOperationKind.Rename && operation.Path.Contains("messages-", StringComparison.Ordinal);
            if (!isCompaction || !isFirst) return;
            isFirst = false;
            causeWork();
            while (steps < 1000 && step()) steps++;
        };
        return () => steps;
    }

    /// <summary>Publishes and completes so many messages of a kibibyte.</summary>
    private static void Churn(PartitionHarness queue, int count)
    {
        Consumer consumer = queue.Subscribe(prefetch: 1);
        for (int i = 0; i < count; i++)
        {
            queue.Publish(TestMessage.Of(new string('x', Kibibyte)));
            if (consumer.Deliveries.Count > i) queue.Settle(consumer, consumer.Deliveries[i].Tag, SettleKind.Complete);
        }

        queue.Advance(TimeSpan.FromMilliseconds(60));
        queue.Unsubscribe(consumer);
    }

    private static long MessageBytes(QueueScenario queue) => queue.Harness.Disk.Content()
        .Where(static file => file.Key.Contains("messages-", StringComparison.Ordinal) && file.Key.EndsWith(".log", StringComparison.Ordinal))
        .Sum(static file => (long)file.Value.Length);
}
