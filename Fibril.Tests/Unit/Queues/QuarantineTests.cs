using Fibril.Broker.Channels;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Repair;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Recovery;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>A partition whose files are damaged, through the whole broker.</summary>
public sealed class QuarantineTests
{
    private static readonly PartitionId First = new(new QueueName("orders", null), 0);
    private static readonly PartitionId Second = new(new QueueName("orders", null), 1);

    [Fact] // S-44, S-46, S-47, S-50, S-51, S-53, F-37
    public async Task A_damaged_partition_is_parked_alone_until_a_repair_gives_up_what_cannot_be_read()
    {
        await using SessionHarness broker = await StartOnDamageAsync(MismatchPolicy.Quarantine);
        RawPeer peer = await broker.ConnectAsync();
        string text = await peer.ExpectRefusedAsync(new TestPublish { Text = "x" }, ErrorCode.ServerFault);
        Assert.Contains("quarantined until an operator repairs it", text, StringComparison.Ordinal);
        await peer.PublishAsync(new TestPublish(Partition: 1) { Text = "neighbour" });
        QuarantinedPartition parked = Assert.Single(broker.Queues.Quarantined);
        Assert.Equal((First, 1, 2), (parked.Partition, parked.Damage.Offset, parked.Damage.EndOffset)); // exactly which
        Assert.True(parked.Damage.EndPosition > parked.Damage.Position);
        Assert.Equal((1L, true), (broker.Queues.QuarantineCount, broker.Queues.IsReady));

        RepairStep step = Assert.Single(await Patience.Wait(broker.Queues.RepairAsync(First)));
        Assert.Equal(1, step.LostRecords);
        Assert.Empty(broker.Queues.Quarantined);
        Assert.Empty(broker.Queues.OutOfService);
        await peer.SubscribeAsync(prefetch: 10);
        Assert.Equal(["a", "c"], (await peer.ExpectDeliveriesAsync(2)).Select(static delivery => delivery.Text));
        Assert.Equal(3UL, await peer.PublishAsync(new TestPublish { Text = "d" })); // S-2: the lost offset stays taken
    }

    [Fact] // S-47
    public async Task What_is_not_quarantined_is_not_repaired()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("a");
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => broker.Queues.RepairAsync(First));
        Assert.Contains("not quarantined", refusal.Message, StringComparison.Ordinal);
    }

    [Fact] // S-44, S-49, S-50
    public async Task A_broker_that_refuses_is_not_ready_from_the_first_use_of_the_damage_on()
    {
        await using SessionHarness broker = await StartOnDamageAsync(MismatchPolicy.Refuse);
        Assert.True(broker.Queues.IsReady);
        await Assert.ThrowsAsync<PartitionUnavailableException>(async () => await broker.Queues.GetAsync(First));
        Assert.False(broker.Queues.IsReady);
        await Patience.Wait(broker.Queues.RepairAsync(First));
        Assert.True(broker.Queues.IsReady);
    }

    [Fact] // S-44, S-53
    public async Task A_broker_that_ignores_repairs_at_once_and_says_so_loudly()
    {
        await using SessionHarness broker = await StartOnDamageAsync(MismatchPolicy.Ignore);
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(prefetch: 10);
        Assert.Equal(["a", "c"], (await peer.ExpectDeliveriesAsync(2)).Select(static delivery => delivery.Text));
        Assert.Contains(broker.Log.Lines, static line => line.Event == 2117);
    }

    [Fact] // L-12, S-49: all there is, before anybody comes
    public async Task An_eager_check_finds_damage_that_nobody_has_met()
    {
        await using SessionHarness broker = await StartOnDamageAsync(MismatchPolicy.Refuse);
        var progress = new List<(int Done, int All)>();
        broker.Queues.VerifyAll((done, all) => progress.Add((done, all)));
        Assert.Equal([(1, 2), (2, 2)], progress);
        Assert.Equal(First, Assert.Single(broker.Queues.Quarantined).Partition);
        Assert.False(broker.Queues.IsReady);
        await broker.Queues.GetAsync(Second);
        await Assert.ThrowsAsync<PartitionUnavailableException>(async () => await broker.Queues.GetAsync(First));
    }

    [Fact] // S-40, S-45, S-47, S-48, F-35: what follows a bad event goes with it, which redelivers and loses nothing
    public void A_damaged_event_log_is_cut_there_and_the_settlements_behind_it_are_gone()
    {
        var disk = new SimulatedFileSystem();
        using (var queue = new PartitionHarness(disk, new JumpingTimeProvider()))
        {
            for (int i = 0; i < 4; i++) queue.Publish(TestMessage.Of($"{i}"));
            Consumer consumer = queue.Subscribe(prefetch: 4);
            foreach (TestDelivery delivery in consumer.Deliveries.ToArray())
            {
                queue.Settle(consumer, delivery.Tag, SettleKind.Complete);
                queue.Advance(TimeSpan.FromMilliseconds(60)); // synced: what goes wrong from here on is no crash
            }

            queue.Publish(TestMessage.Of("4"));
        }

        string events = disk.Content().Keys.Single(static path => path.Contains("events-", StringComparison.Ordinal));
        disk.Corrupt(events, position: 64 + 48 + 40, xor: 4); // in the body of the second event
        disk = disk.AfterKill();
        LogDamagedException damaged = Assert.Throws<LogDamagedException>(() => new PartitionHarness(disk, new JumpingTimeProvider()));
        Assert.Equal((1, 2), (damaged.Offset, damaged.EndOffset));

        PartitionHarness.Repair(disk, damaged.Damage);
        using var repaired = new PartitionHarness(disk, new JumpingTimeProvider());
        Assert.Equal(["1", "2", "3", "4"], repaired.Subscribe(prefetch: 10).Texts);
    }

    [Fact] // S-47, Z-4: a repair that a power failure interrupts can be made again
    public void A_repair_that_is_interrupted_at_any_step_can_be_made_again()
    {
        for (int step = 0; ; step++)
        {
            SimulatedFileSystem disk = Damaged();
            LogDamage damage = PartitionHarness.FindDamages(disk)[0];
            SimulatedFileSystem? left = null;
            int steps = 0;
            SimulatedFileSystem whole = disk;
            disk.BeforeOperation = _ =>
            {
                if (steps++ == step) left = whole.AfterPowerLoss();
            };
            PartitionHarness.Repair(disk, damage);
            disk.BeforeOperation = null;
            if (left is null) break;

            if (PartitionHarness.FindDamages(left) is [{ } still, ..])
                PartitionHarness.Repair(left, still);
            using var queue = new PartitionHarness(left, new JumpingTimeProvider());
            Assert.Equal(["a", "c"], queue.Subscribe(prefetch: 10).Texts);
        }
    }

    /// <summary>Three messages, of which the second cannot be read.</summary>
    private static SimulatedFileSystem Damaged()
    {
        var disk = new SimulatedFileSystem();
        using (var queue = new PartitionHarness(disk, new JumpingTimeProvider()))
        {
            foreach (string text in (string[])["a", "b", "c"]) queue.Publish(TestMessage.Of(text));
            queue.Stop();
        }

        disk.Corrupt(disk.Content().Keys.Single(static path => path.Contains("messages-", StringComparison.Ordinal)), position: 64 + 56 + 40, xor: 2);
        return disk.AfterKill();
    }

    /// <summary>A broker on a disk that has damaged the second of three messages of one of two partitions.</summary>
    private static async Task<SessionHarness> StartOnDamageAsync(MismatchPolicy policy)
    {
        await using var before = new SessionHarness();
        RawPeer peer = await before.ConnectAsync();
        await peer.DeclareAsync(count: 2);
        await peer.PublishAllAsync("a", "b", "c");
        await before.WhenIdleAsync();
        string path = before.Disk.Content().Keys.Single(static path => path.Contains("messages-", StringComparison.Ordinal));
        before.Disk.Corrupt(path, position: 64 + 56 + 40, xor: 2);
        var broker = new SessionHarness(disk: before.Disk.AfterKill());
        broker.Recovery.OnMismatch = policy;
        return broker;
    }
}
