using Fibril.Broker.Log;
using Fibril.Broker.Queues;
using Fibril.Protocol;
using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>A partition whose storage fails while it runs, and that serves again without a restart: S-11, S-65, S-66, F-41, F-42.</summary>
public sealed class OutageTests
{
    [Fact] // S-11, S-65, F-42
    public void After_a_failed_sync_the_publish_is_refused_and_the_next_one_is_served()
    {
        using var queue = new QueueScenario();
        queue.Publish("before");
        Consumer consumer = queue.Subscribe(prefetch: 10);
        queue.Harness.Disk.FailNext(DiskOperationKind.Sync);
        ulong failed = queue.Harness.Publish(TestMessage.Of("lost or not"))[0];
        Assert.Contains("Input/output error", queue.Harness.Publisher.Failed[failed], StringComparison.Ordinal);
        Assert.Equal(ErrorCode.ServerFault, queue.Harness.Publisher.LastCode);

        queue.Publish("after");
        Assert.Null(queue.Harness.Partition.OutageText);
        Assert.Equal("before", consumer.Texts.First());
        Assert.Equal("after", consumer.Texts.Last());
        Assert.Null(consumer.ClosedBecause);
        Assert.Single(queue.Harness.Publisher.Failed);
    }

    [Fact] // S-65: what was synced by nobody is not there after a power loss, and what was confirmed after the failure is
    public void What_is_confirmed_after_a_failed_sync_survives_a_power_loss()
    {
        using var queue = new QueueScenario();
        queue.Publish("before");
        queue.Harness.Disk.FailNext(DiskOperationKind.Sync);
        queue.Publish("unknown");
        queue.Publish("after");
        Assert.Equal(2, queue.Harness.Publisher.Confirmed.Count);
        queue.RestartNow(Ending.PowerLoss);
        IEnumerable<string> left = queue.Subscribe(prefetch: 10).Texts;
        Assert.Equal(["before", "after"], left.Where(static text => text != "unknown"));
    }

    [Fact] // M-33, S-65: leases go on over an outage
    public void A_lease_outlives_an_outage_and_its_settlement_counts()
    {
        using var queue = new QueueScenario();
        queue.Publish("held");
        Consumer consumer = queue.Subscribe();
        queue.Harness.Disk.FailNext(DiskOperationKind.Sync);
        queue.Publish("fails");
        queue.Complete(consumer, consumer.Deliveries[0]);
        Assert.Single(consumer.Texts, static text => text == "held");
        queue.Restart(Ending.PowerLoss);
        Assert.DoesNotContain("held", queue.Subscribe(prefetch: 10).Texts);
    }

    [Theory] // M-38, S-65: memory is ahead of the log that failed, and a snapshot says so
    [InlineData(DiskOperationKind.Write)]
    [InlineData(DiskOperationKind.Sync)]
    public void Settlements_that_the_event_log_lost_are_kept_by_the_snapshot_after_the_outage(object failing)
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b", "c");
        Consumer consumer = queue.Subscribe(prefetch: 3);
        queue.Harness.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind != (DiskOperationKind)failing || !operation.Path.Contains("events", StringComparison.Ordinal)) return;
            queue.Harness.Disk.BeforeOperation = null;
            throw DiskFaults.InputOutputError();
        };
        queue.Complete(consumer, consumer.Deliveries[1]);
        queue.Advance(TimeSpan.FromMilliseconds(60));
        Assert.Null(queue.Harness.Disk.BeforeOperation);
        queue.Advance(TimeSpan.FromMilliseconds(60));
        queue.RestartNow(Ending.PowerLoss);
        Assert.Equal(["a", "c"], queue.Subscribe(prefetch: 10).Texts);
    }

    [Fact] // S-65
    public void Files_that_cannot_be_opened_are_tried_again_with_growing_pauses()
    {
        using var queue = new QueueScenario();
        queue.Publish("before");
        bool isBroken = false;
        int opens = 0;
        queue.Harness.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind != DiskOperationKind.Sync) return;
            if (isBroken) opens++; // recovery syncs what it has read
            isBroken = true;
            throw DiskFaults.InputOutputError();
        };
        queue.Publish("fails");
        Assert.Equal(1, opens);
        ulong refused = queue.Harness.Publish(TestMessage.Of("refused meanwhile"))[0];
        Assert.Contains("publish again in a few seconds", queue.Harness.Publisher.Failed[refused], StringComparison.Ordinal);
        queue.Advance(OneSecond);
        Assert.Equal(2, opens);
        queue.Advance(OneSecond);
        Assert.Equal(2, opens);
        queue.Advance(OneSecond);
        Assert.Equal(3, opens);

        queue.Harness.Disk.BeforeOperation = null;
        queue.Advance(TimeSpan.FromSeconds(4));
        Assert.Null(queue.Harness.Partition.OutageText);
        queue.Publish("after");
        Assert.Equal("after", queue.Subscribe(prefetch: 10).Texts.Last());
    }

    [Fact] // S-44, S-65
    public void Files_that_turn_out_to_be_damaged_quarantine_the_partition()
    {
        using var queue = new QueueScenario();
        queue.Publish("first", "second");
        Consumer consumer = queue.Subscribe();
        string messages = Path.Combine(queue.Harness.Directory, queue.MessageSegments[0]);
        queue.Harness.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind != DiskOperationKind.Sync) return;
            queue.Harness.Disk.BeforeOperation = null;
            queue.Harness.Disk.Corrupt(messages, position: 64 + 40, xor: 1);
            throw DiskFaults.InputOutputError();
        };
        queue.Publish("fails");
        Assert.Contains("quarantined", queue.Harness.Partition.ParkedBecause, StringComparison.Ordinal);
        Assert.NotNull(queue.Harness.Partition.Damage);
        Assert.NotNull(consumer.ClosedBecause);
    }

    [Fact] // S-66, F-41
    public void A_full_disk_refuses_publishes_serves_consumers_and_ends_by_itself()
    {
        var disk = new SimulatedFileSystem();
        var time = new JumpingTimeProvider();
        using var queue = new PartitionHarness(disk, time, reserveBytes: 40 << 10);
        queue.Publish(TestMessage.Of("a"), TestMessage.Of("b"), TestMessage.Of("c"));
        Consumer consumer = queue.Subscribe(prefetch: 1);
        disk.CapacityBytes = disk.Content().Values.Sum(static file => (long)file.Length) + (6 << 10);
        var large = new TestMessage(new byte[4000]);
        for (int i = 0; i < 4; i++) queue.Publish(large);
        Assert.Equal(ErrorCode.NoRoom, queue.Publisher.LastCode);
        Assert.All(queue.Publisher.Failed.Values, static text => Assert.Contains("disk of the broker is full", text, StringComparison.Ordinal));
        int failed = queue.Publisher.Failed.Count;

        // Consumers are served, and what they settle is stored.
        queue.Settle(consumer, consumer.Deliveries[0].Tag, SettleKind.Complete);
        queue.Settle(consumer, consumer.Deliveries[1].Tag, SettleKind.Complete);
        Assert.Equal(["a", "b", "c"], consumer.Texts.Take(3));
        queue.Advance(TimeSpan.FromMilliseconds(60));
        Assert.Null(queue.Partition.OutageText);
        using (var afterPowerLoss = new PartitionHarness(disk.AfterPowerLoss(), time))
        {
            Assert.Equal("c", afterPowerLoss.Subscribe(prefetch: 1).Texts.First());
        }

        queue.Publish(large);
        Assert.Equal(failed + 1, queue.Publisher.Failed.Count);
        disk.CapacityBytes = long.MaxValue;
        queue.Advance(OneSecond);
        queue.Publish(TestMessage.Of("room again"));
        Assert.Equal(failed + 1, queue.Publisher.Failed.Count);
    }

    [Fact] // S-60
    public void A_stop_during_an_outage_ends()
    {
        using var queue = new QueueScenario();
        queue.Publish("before");
        queue.Harness.Disk.BeforeOperation = static operation =>
        {
            if (operation.Kind == DiskOperationKind.Sync) throw DiskFaults.InputOutputError();
        };
        queue.Publish("fails");
        Assert.NotNull(queue.Harness.Partition.OutageText);
        queue.Harness.Stop();
        queue.Harness.Disk.BeforeOperation = null;
        queue.RestartNow(Ending.PowerLoss);
        Assert.Contains("before", queue.Subscribe(prefetch: 10).Texts);
    }
}

/// <summary>The room that is held back for a full disk (S-66).</summary>
public sealed class DiskReserveTests
{
    private static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "var", "data");

    [Fact]
    public void It_takes_its_room_gives_it_up_and_takes_it_again_when_it_can()
    {
        var disk = new SimulatedFileSystem();
        var time = new JumpingTimeProvider();
        disk.CreateDirectory(Root);
        List<bool> changes = [];
        using var reserve = new DiskReserve(disk, Root, 1000, time, changes.Add);
        Assert.False(reserve.IsFull);
        Assert.Equal(1000, disk.Content().Values.Single().Length);

        reserve.NoteFull();
        reserve.NoteFull();
        Assert.True(reserve.IsFull);
        Assert.Empty(disk.Content());
        disk.CapacityBytes = 999;
        time.Advance(OneSecond);
        Assert.True(reserve.IsFull);
        disk.CapacityBytes = 1000;
        time.Advance(OneSecond);
        Assert.False(reserve.IsFull);
        Assert.Equal([true, false], changes);
    }

    [Fact]
    public void A_start_on_a_full_disk_takes_no_messages_until_there_is_room()
    {
        var disk = new SimulatedFileSystem { CapacityBytes = 10 };
        var time = new JumpingTimeProvider();
        disk.CreateDirectory(Root);
        List<bool> changes = [];
        using var reserve = new DiskReserve(disk, Root, 1000, time, changes.Add);
        Assert.True(reserve.IsFull);
        disk.CapacityBytes = 2000;
        time.Advance(OneSecond);
        Assert.False(reserve.IsFull);
        Assert.Equal([true, false], changes);
    }

    [Fact] // another size is a setting away
    public void What_an_earlier_start_held_back_is_brought_to_size()
    {
        var disk = new SimulatedFileSystem();
        disk.CreateDirectory(Root);
        foreach (int bytes in (int[])[1000, 3000, 200])
        {
            using var reserve = new DiskReserve(disk, Root, bytes, new JumpingTimeProvider(), static _ => { });
            Assert.Equal(bytes, disk.Content().Values.Single().Length);
        }
    }
}
