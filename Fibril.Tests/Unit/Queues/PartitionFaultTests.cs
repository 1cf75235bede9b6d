using System.Runtime.CompilerServices;
using Fibril.Broker.Queues;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>A partition on a disk that fails: everything is answered, and a stop ends (S-11, S-60, S-65).</summary>
public sealed class PartitionFaultTests
{
    [Fact] // S-60
    public void A_stop_ends_whatever_step_of_it_fails()
    {
        int failing = 0;
        for (; ; failing++)
        {
            using var queue = new QueueScenario();
            queue.Publish("settled", "leased", "ready");
            Consumer consumer = queue.Subscribe(prefetch: 2);
            queue.Complete(consumer, consumer.Deliveries[0]);
            int step = 0;
            string what = "";
            queue.Harness.Disk.BeforeOperation = operation =>
            {
                if (step++ != failing) return;
                what = $"step {failing}: {operation.Kind} {operation.Path}";
                throw DiskFaults.InputOutputError();
            };
            Task stopped = queue.Harness.Partition.StopAsync();
            queue.Harness.Run();
            queue.Harness.Disk.BeforeOperation = null;
            Assert.True(stopped.IsCompletedSuccessfully, what);
            if (what.Length == 0) break;
        }

        Assert.True(failing >= 10, $"A stop took {failing} steps only.");
    }

    [Fact] // what the disk does not give now it may give later, and nothing else waits for it
    public void A_read_that_fails_is_tried_again_with_growing_pauses_and_everything_else_goes_on()
    {
        using var queue = new QueueScenario();
        queue.Publish("old");
        queue.Restart(Ending.Stop);
        queue.Harness.Disk.BeforeRead = static _ => throw DiskFaults.InputOutputError();
        Consumer consumer = queue.Subscribe(prefetch: 10);
        ulong[] ids = queue.Harness.Publish(TestMessage.Of("new"));
        Assert.Contains(ids[0], queue.Harness.Publisher.Confirmed.Keys);
        for (int seconds = 1; seconds <= 16; seconds *= 2)
        {
            Assert.Empty(consumer.Deliveries);
            Assert.Null(queue.Harness.Partition.NotServingBecause);
            Assert.Contains($"tries again in {seconds} s", queue.Log.ToString(), StringComparison.Ordinal);
            queue.Harness.Advance(TimeSpan.FromSeconds(seconds) - OneMs);
            if (seconds == 16) queue.Harness.Disk.BeforeRead = null;
            queue.Harness.Advance(OneMs);
        }

        Assert.Equal(["old", "new"], consumer.Texts);
    }

    [Fact] // S-65
    public void A_read_that_fails_while_the_files_are_lost_is_forgotten_with_them()
    {
        using var queue = new QueueScenario();
        (PartitionHarness partition, Consumer consumer, _) = BeginReadBeforeSyncFails(queue);
        partition.Disk.BeforeRead = static _ => throw DiskFaults.InputOutputError();
        partition.Run();
        Assert.NotNull(partition.Partition.OutageText);

        partition.Disk.BeforeRead = null;
        partition.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(partition.Partition.NotServingBecause);
        Assert.Contains("stored", consumer.Texts);
    }

    [Fact] // S-60, S-65
    public void A_partition_that_failed_during_a_read_stops()
    {
        using var queue = new QueueScenario();
        (PartitionHarness partition, Consumer consumer, ulong published) = BeginReadBeforeSyncFails(queue);
        Assert.True(partition.Step()); // the flush
        Assert.Contains("Input/output error", partition.Publisher.Failed[published], StringComparison.Ordinal);

        partition.Stop();
        Assert.Empty(consumer.Deliveries);
    }

    [Fact] // S-60, S-65
    public void A_partition_that_failed_while_a_snapshot_was_written_stops()
    {
        using var queue = new QueueScenario();
        PartitionHarness partition = queue.Harness;
        bool writesSnapshot = false;
        partition.Disk.BeforeOperation = operation =>
        {
            writesSnapshot |= operation.Path.EndsWith(".tmp", StringComparison.Ordinal) && operation.Kind == DiskOperationKind.Create;
            if (writesSnapshot && operation.Kind == DiskOperationKind.Sync && operation.Path.EndsWith(".log", StringComparison.Ordinal))
                throw DiskFaults.InputOutputError();
        };
        while (!writesSnapshot)
        {
            partition.Post(TestMessage.Of(new string('x', 5000)));
            partition.Step();
        }

        partition.Post(TestMessage.Of("fails"));
        partition.Run();
        Assert.NotNull(partition.Partition.OutageText);
        partition.Stop();
    }

    [Fact] // S-28
    public void A_backlog_that_is_drained_leaves_the_disk_although_nothing_is_published()
    {
        using var queue = new QueueScenario();
        for (int i = 0; i < 12; i++) queue.Publish(new string('x', 8 << 10));
        Consumer consumer = queue.Subscribe(prefetch: 1);
        for (int i = 0; i < 11; i++) queue.Complete(consumer, consumer.Deliveries[i]);
        queue.Advance(OneSecond);
        Assert.InRange(queue.MessageSegments.Count, 1, 2);

        queue.Restart(Ending.PowerLoss);
        Assert.Equal([11L], queue.Subscribe(prefetch: 20).Offsets);
    }

    [Fact] // S-28
    public void A_backlog_that_was_drained_before_a_kill_leaves_the_disk_after_it()
    {
        using var queue = new QueueScenario();
        queue.Harness.Disk.FailAll(".tmp"); // snapshots
        for (int i = 0; i < 12; i++) queue.Publish(new string('x', 8 << 10));
        Consumer consumer = queue.Subscribe(prefetch: 20);
        foreach (TestDelivery delivery in consumer.Deliveries.ToArray()) queue.Complete(consumer, delivery);
        Assert.True(queue.MessageSegments.Count > 4);
        queue.Restart(Ending.Kill);
        queue.Advance(OneSecond);
        Assert.Single(queue.MessageSegments);
    }

    [Fact] // S-25: or every start after a kill would read all of it again
    public void A_backlog_that_no_snapshot_covers_gets_one_after_a_start()
    {
        using var queue = new QueueScenario();
        queue.Harness.Disk.FailAll(".tmp"); // snapshots
        for (int i = 0; i < 4; i++) queue.Publish(new string('x', 8 << 10));
        Assert.DoesNotContain(queue.Files, static name => name.StartsWith("state-", StringComparison.Ordinal));
        queue.RestartNow(Ending.Kill);
        Assert.Single(queue.Files, static name => name.StartsWith("state-", StringComparison.Ordinal));
    }

    [Fact] // S-28
    public void A_file_that_cannot_be_removed_ends_nothing()
    {
        using var queue = new QueueScenario();
        for (int i = 0; i < 4; i++) queue.Publish(new string('x', 8 << 10));
        queue.Harness.Disk.BeforeOperation = static operation =>
        {
            if (operation.Kind == DiskOperationKind.Delete && operation.Path.EndsWith(".log", StringComparison.Ordinal))
                throw DiskFaults.InputOutputError();
        };
        Consumer consumer = queue.Subscribe(prefetch: 20);
        foreach (TestDelivery delivery in consumer.Deliveries.ToArray()) queue.Complete(consumer, delivery);
        queue.Advance(OneSecond);
        Assert.Null(queue.Harness.Partition.ParkedBecause);
        queue.Publish("goes on");
        Assert.Equal("goes on", consumer.Texts.Last());

        queue.Restart(Ending.Kill);
        Assert.InRange(queue.MessageSegments.Count, 1, 2);
    }

    [Fact] // S-28, D-14: messages that expire are settled without having been read
    public void A_segment_whose_messages_expire_before_its_read_begins_goes_and_the_read_is_planned_again()
    {
        using var queue = new QueueScenario();
        for (int i = 0; i < 4; i++) queue.Publish(new string('x', 8 << 10), timeToLive: OneSecond);
        queue.Publish("lives on");
        queue.RestartNow(Ending.Kill);
        PartitionHarness partition = queue.Harness;
        var consumer = new Consumer(partition.Partition, prefetch: 10, autoAck: false);
        Assert.True(partition.Partition.TryPost(new SubscribeCommand(consumer.Subscription))); // starts the read
        partition.RunNewestFirst = true;
        queue.Advance(OneSecond);

        Assert.Null(partition.Partition.ParkedBecause);
        Assert.Equal(["lives on"], consumer.Texts);
        queue.Advance(OneSecond);
        Assert.DoesNotContain("messages-00000000000000000000.log", queue.MessageSegments);
    }

    [Fact]
    public void Subscriptions_that_ended_in_a_quiet_queue_are_let_go()
    {
        using var partition = new PartitionHarness(new SimulatedFileSystem(), new FakeTimeProvider());
        WeakReference[] ended = [.. Enumerable.Range(0, 10).Select(_ => SubscribeAndLeave(partition))];
        GC.Collect();
        Assert.DoesNotContain(ended, static each => each.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference SubscribeAndLeave(PartitionHarness partition)
    {
        Consumer consumer = partition.Subscribe();
        partition.Unsubscribe(consumer);
        return new WeakReference(consumer);
    }

    /// <summary>A read of a stored message waits to be carried out, behind a flush of a new one that is going to fail.</summary>
    private static (PartitionHarness Partition, Consumer Consumer, ulong Published) BeginReadBeforeSyncFails(QueueScenario queue)
    {
        queue.Publish("stored");
        queue.Restart(Ending.Kill);
        PartitionHarness partition = queue.Harness;
        partition.Disk.FailNext(DiskOperationKind.Sync);
        ulong published = partition.Post(TestMessage.Of("new"))[0];
        var consumer = new Consumer(partition.Partition, prefetch: 10, autoAck: false);
        Assert.True(partition.Partition.TryPost(new SubscribeCommand(consumer.Subscription)));
        return (partition, consumer, published);
    }
}
