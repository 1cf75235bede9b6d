using System.Text;
using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Queues.Storage;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>What a confirm promises, and what the disk has to do with it: S-2, S-5, S-7, S-8, S-9, S-11, S-60, S-65.</summary>
public sealed class PublishTests
{
    [Theory] // S-2, Q-27, Q-28
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void Offsets_count_from_0_in_the_order_of_publishing_and_go_on_after_a_restart(Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b");
        queue.Publish("c");
        Assert.Equal([0L, 1L, 2L], queue.Harness.Publisher.Confirmed.OrderBy(static pair => pair.Key).Select(static pair => pair.Value));

        Consumer consumer = queue.Subscribe(prefetch: 3);
        foreach (TestDelivery delivery in consumer.Deliveries.ToArray()) queue.Complete(consumer, delivery);
        queue.Restart(ending);
        queue.Publish("d");
        Assert.Equal([3L], queue.Harness.Publisher.Confirmed.Values);
    }

    [Fact] // S-5, S-8
    public void Nothing_is_confirmed_or_delivered_before_the_sync_and_both_follow_it()
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe();
        bool isSynced = false;
        queue.Harness.Disk.BeforeOperation = operation =>
        {
            Assert.Empty(queue.Harness.Publisher.Confirmed);
            Assert.Empty(consumer.Deliveries);
            isSynced |= operation.Kind == DiskOperationKind.Sync && operation.Path.Contains("messages-", StringComparison.Ordinal);
        };
        queue.Publish("a");

        Assert.True(isSynced);
        Assert.Single(queue.Harness.Publisher.Confirmed);
        Assert.Equal(["a"], consumer.Texts);
    }

    [Fact] // S-3, S-6, S-17: where two records and two syncs would do, there is one of each
    public void A_publish_is_one_write_and_one_sync_of_one_file()
    {
        using var queue = new QueueScenario();
        queue.Publish("the file is there");
        List<DiskOperation> operations = queue.Harness.Disk.OperationsOf(() => queue.Publish("a"));
        Assert.Equal([DiskOperationKind.Write, DiskOperationKind.Sync], operations.Select(static operation => operation.Kind));
        Assert.All(operations, operation => Assert.EndsWith(queue.MessageSegments[0], operation.Path, StringComparison.Ordinal));
    }

    [Fact] // S-7
    public void A_confirmed_message_survives_a_power_loss_right_after_its_confirm()
    {
        using var queue = new QueueScenario();
        SimulatedFileSystem? atConfirm = null;
        queue.Harness.Publisher.OnConfirmed = (_, _) => atConfirm ??= queue.Harness.Disk.AfterPowerLoss();
        queue.Publish("a");

        using var next = new PartitionHarness(atConfirm!, queue.Time);
        Assert.Equal(["a"], next.Subscribe().Texts);
    }

    [Fact] // S-9
    public void Confirms_come_in_the_order_of_the_offsets()
    {
        using var queue = new QueueScenario();
        var order = new List<long>();
        queue.Harness.Publisher.OnConfirmed = (_, offset) => order.Add(offset);
        for (int i = 0; i < 10; i++) queue.Harness.Post(TestMessage.Of("x"), TestMessage.Of("y"));
        queue.Harness.Run();
        Assert.Equal(Enumerable.Range(0, 20).Select(static i => (long)i), order);
    }

    [Fact] // S-11, S-65
    public void A_message_whose_sync_failed_is_refused_and_never_delivered_and_nothing_is_taken_until_the_files_are_open_again()
    {
        using var queue = new QueueScenario();
        queue.Publish("safe");
        Consumer consumer = queue.Subscribe(prefetch: 10);
        FailEverySync(queue);
        queue.Publish("lost");
        queue.Publish("too early");
        queue.Harness.Disk.BeforeOperation = null;

        Assert.Equal([1UL], queue.Harness.Publisher.Confirmed.Keys);
        Assert.Equal([2UL, 3UL], queue.Harness.Publisher.Failed.Keys.Order());
        Assert.Equal(["safe"], consumer.Texts);
        Assert.Contains("Input/output error", queue.Harness.Partition.OutageText, StringComparison.Ordinal);
        Assert.Null(consumer.ClosedBecause);

        queue.RestartNow(Ending.PowerLoss);
        Assert.Equal(["safe"], queue.Subscribe(prefetch: 10).Texts);
    }

    [Fact] // S-65: who comes to a partition that serves nobody is told
    public void A_subscription_to_a_parked_partition_is_closed_with_the_reason()
    {
        using var queue = new QueueScenario();
        queue.Publish("damaged");
        queue.Restart(Ending.Stop);
        string segment = Path.Combine(queue.Harness.Directory, queue.MessageSegments[0]);
        queue.Harness.Disk.Corrupt(segment, position: 64 + 40, xor: 1);
        queue.Subscribe(); // reads it
        Consumer late = queue.Subscribe();
        Assert.Equal(queue.Harness.Partition.ParkedBecause, late.ClosedBecause);
        Assert.NotNull(late.ClosedBecause);
    }

    [Fact] // S-60
    public void A_stop_answers_what_was_taken_in_and_refuses_what_comes_after()
    {
        using var queue = new QueueScenario();
        queue.Harness.Post(TestMessage.Of("in time"));
        queue.Harness.Step();
        Task stopped = queue.Harness.Partition.StopAsync();
        queue.Harness.Post(TestMessage.Of("too late"));
        queue.Harness.Run();
        Assert.True(stopped.IsCompletedSuccessfully);
        Assert.Equal([1UL], queue.Harness.Publisher.Confirmed.Keys);
        Assert.Contains("stopping", queue.Harness.Publisher.Failed[2], StringComparison.Ordinal);

        queue.RestartNow(Ending.PowerLoss);
        Assert.Equal(["in time"], queue.Subscribe(prefetch: 10).Texts);
    }

    [Fact] // S-60: settlements accepted before the stop are durable after it
    public void A_stop_waits_for_no_interval_to_make_settlements_durable()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b");
        Consumer consumer = queue.Subscribe(prefetch: 2);
        queue.Complete(consumer, consumer.Deliveries[0]);
        queue.Harness.Stop();
        queue.RestartNow(Ending.PowerLoss);
        Assert.Equal(["b"], queue.Subscribe(prefetch: 10).Texts);
    }

    [Fact] // M-68, S-18, F-43: a lane that is full says so, and nothing that was accepted is dropped
    public void A_stalled_disk_fills_the_lane_and_loses_nothing()
    {
        using var queue = new QueueScenario();
        int accepted = 0;
        string large = new('x', 256 << 10);
        for (; accepted < 1000; accepted++)
        {
            PublishBatch batch = BatchOf(queue, large, confirmId: (ulong)accepted);
            if (queue.Harness.Partition.TryPost(batch)) continue;
            batch.Return();
            break;
        }

        Assert.InRange(accepted, 32, 999);
        queue.Harness.Run();
        Assert.Equal(accepted, queue.Harness.Publisher.Confirmed.Count);
    }

    private static PublishBatch BatchOf(QueueScenario queue, string text, ulong confirmId)
    {
        PublishBatch batch = PublishBatch.Rent(queue.Harness.Publisher, text.Length + 256, receivedAt: 0);
        var message = new NewMessage { Payload = Encoding.UTF8.GetBytes(text) };
        Assert.True(batch.TryAdd(in message, queue.NowMs, confirmId));
        return batch;
    }

    private static void FailEverySync(QueueScenario queue) => queue.Harness.Disk.BeforeOperation = static operation =>
    {
        if (operation.Kind == DiskOperationKind.Sync) throw DiskFaults.InputOutputError();
    };
}
