using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Queues that go, all of them or not at all: S-32, S-62 to S-64.</summary>
public sealed class QueueDeletionTests
{
    private static readonly QueueName Orders = new("orders", null);

    [Fact] // S-62, S-64, Q-28
    public async Task A_deleted_queue_is_gone_with_its_files_and_one_of_its_name_starts_empty_at_offset_0()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(count: 2, maxRetries: 3);
        await peer.PublishAllAsync("a", "b");
        QueueEntry? deleted = await Patience.Wait(broker.Queues.DeleteAsync(Orders));
        Assert.Equal(2, deleted!.PartitionCount);
        Assert.Null(broker.Queues.Catalogue.Find(Orders));
        Assert.DoesNotContain(broker.Disk.Content().Keys, static path => path.Contains("orders", StringComparison.Ordinal));

        // The same connection, and the route it knows.
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish { Text = "new" }));
        await peer.SubscribeAsync(prefetch: 10);
        Assert.Equal("new", (await peer.ExpectDeliveryAsync()).Text);
        Assert.Null((await broker.Queues.GetAsync(new(Orders, 0))).Settings.MaxRetries);
    }

    [Fact] // S-62, O-8
    public async Task A_queue_with_a_leased_message_in_any_partition_is_not_deleted_and_goes_on()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(count: 2);
        await peer.PublishAsync(new TestPublish(Partition: 0) { Text = "ready" });
        await peer.PublishAsync(new TestPublish(Partition: 1) { Text = "leased" });
        await peer.SubscribeAsync(partition: 1);
        ReceivedDelivery held = await peer.ExpectDeliveryAsync();
        var refusal = await Assert.ThrowsAsync<QueueInUseException>(() => broker.Queues.DeleteAsync(Orders));
        Assert.Equal(1, refusal.Partition.Partition);
        Assert.Contains("1 message(s)", refusal.Message, StringComparison.Ordinal);

        await peer.SubscribeAsync(partition: 0);
        Assert.Equal("ready", (await peer.ExpectDeliveryAsync()).Text);
        await peer.AckAsync(held);
        await peer.PublishAsync(new TestPublish(Partition: 1) { Text = "next" });
        Assert.Equal("next", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Fact] // S-63
    public async Task Subscribers_of_a_deleted_queue_are_told_so()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync();
        await Patience.Wait(broker.Queues.DeleteAsync(Orders));
        Assert.Equal(CloseReason.TopicDeleted, (await peer.ExpectPushAsync<SubscriptionClosedMessage>()).Code);
    }

    [Fact]
    public async Task Deleting_what_is_not_there_does_nothing()
    {
        await using var broker = new SessionHarness();
        Assert.Null(await Patience.Wait(broker.Queues.DeleteAsync(Orders)));
    }

    [Fact] // S-64
    public async Task Deletions_and_uses_at_the_same_time_leave_one_whole_queue_or_none()
    {
        await using var broker = new SessionHarness();
        RawPeer[] peers = [.. await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => broker.ConnectAsync()))];
        using var stop = new CancellationTokenSource();
        Task deleting = Task.Run(async () =>
        {
            for (int i = 0; i < 50; i++) await broker.Queues.DeleteAsync(Orders);
            await stop.CancelAsync();
        });
        await Task.WhenAll(peers.Select(peer => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                ulong id = peer.NewId();
                await peer.SendRawAsync(new TestPublish { Text = "x" }.ToFrame(id));
                await peer.ReadAsync("an answer"); // a confirm, or a refusal in the middle of a deletion
            }
        })));
        await Patience.Wait(deleting);
        await Patience.Wait(broker.Queues.DeleteAsync(Orders));
        Assert.Equal(0UL, await peers[0].PublishAsync(new TestPublish { Text = "last" }));
        await peers[0].SubscribeAsync(prefetch: 100);
        Assert.Equal("last", Assert.Single(await peers[0].DrainDeliveriesAsync()).Text);
    }

    [Fact] // S-32, S-64: power may fail at any step
    public async Task A_deletion_that_a_power_failure_interrupts_is_finished_by_the_next_start_or_did_not_begin()
    {
        bool wasUndone = false;
        bool wasFinished = false;
        for (int step = 0; ; step++)
        {
            SimulatedFileSystem? left = await DeleteUntilAsync(step);
            if (left is null) break;
            await using var next = new SessionHarness(disk: left);
            bool isThere = next.Queues.Catalogue.Find(Orders) is not null;
            bool hasFiles = left.Content().Keys.Any(static path => path.Contains(Path.Combine("queues", "orders"), StringComparison.Ordinal));
            Assert.Equal(isThere, hasFiles);
            RawPeer peer = await next.ConnectAsync();
            await peer.SubscribeAsync(prefetch: 10);
            Assert.Equal(isThere ? 2 : 0, (await peer.DrainDeliveriesAsync()).Count);
            wasUndone |= isThere;
            wasFinished |= !isThere;
        }

        Assert.True(wasUndone && wasFinished);
    }

    [Fact] // S-64: else the files of the new queue go with those of the old
    public async Task Who_uses_a_queue_again_while_it_is_deleted_waits_for_the_end_of_that()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("old");
        Task<QueuePartition>? again = null;
        bool wasThere = false;
        Action<DiskOperation> usual = broker.Disk.BeforeOperation!;
        broker.Disk.BeforeOperation = operation =>
        {
            usual(operation);
            if (again is not null || operation.Kind != DiskOperationKind.Delete) return;
            again = broker.Queues.GetAsync(new PartitionId(Orders, 1)).AsTask(); // one more than there were
            wasThere = again.Wait(TimeSpan.FromMilliseconds(200)); // as long as it takes when it does not wait, and then some
        };
        await Patience.Wait(broker.Queues.DeleteAsync(Orders));
        Assert.False(wasThere);
        await Patience.Wait(again!);
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish(Partition: 1) { Text = "new" }));
        await using var next = new SessionHarness(disk: broker.Disk.AfterKill());
        RawPeer later = await next.ConnectAsync();
        await later.SubscribeAsync(partition: 1);
        Assert.Equal("new", Assert.Single(await later.DrainDeliveriesAsync()).Text);
    }

    [Fact] // S-32, S-64
    public async Task A_queue_whose_files_could_not_be_removed_does_not_come_back_with_its_name()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("old");
        Action heal = broker.Disk.FailAlso(static operation => operation.Kind == DiskOperationKind.Delete);
        await Assert.ThrowsAsync<IOException>(() => Patience.Wait(broker.Queues.DeleteAsync(Orders)));
        await peer.ExpectRefusedAsync(new TestPublish { Text = "too early" }, ErrorCode.ServerFault);

        heal();
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish { Text = "new" }));
        await peer.SubscribeAsync(prefetch: 10);
        Assert.Equal("new", Assert.Single(await peer.DrainDeliveriesAsync()).Text);
    }

    [Fact] // S-32: what the write left is what counts
    public async Task A_queue_whose_removal_could_not_be_written_goes_on_or_is_gone_and_nothing_between()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("kept");
        Action heal = broker.Disk.FailAlso(static operation => operation.Path.Contains("channels", StringComparison.Ordinal));
        await Assert.ThrowsAsync<IOException>(() => Patience.Wait(broker.Queues.DeleteAsync(Orders)));
        heal();

        Assert.Equal(1UL, await peer.PublishAsync(new TestPublish { Text = "more" }));
        await peer.DeclareAsync(maxRetries: 1); // opens the catalogue anew
        await peer.SubscribeAsync(prefetch: 10);
        Assert.Equal(["kept", "more"], (await peer.DrainDeliveriesAsync()).Select(static delivery => delivery.Text));
        Assert.Equal(1, (await Patience.Wait(broker.Queues.DeclareAsync(Orders, new QueueDeclaration(null, null, null, null)))).Entry.PartitionCount);
    }

    [Theory] // a removal is remembered as long as files of the queue may be there, and no longer than its name is free
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public async Task A_queue_that_came_again_after_a_deletion_keeps_its_messages(Ending ending)
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("old");
        await Patience.Wait(broker.Queues.DeleteAsync(Orders));
        await peer.PublishAllAsync("new");
        await broker.WhenIdleAsync();

        await using var next = new SessionHarness(disk: ending == Ending.Kill ? broker.Disk.AfterKill() : broker.Disk.AfterPowerLoss());
        RawPeer later = await next.ConnectAsync();
        await later.SubscribeAsync(prefetch: 10);
        Assert.Equal("new", Assert.Single(await later.DrainDeliveriesAsync()).Text);
    }

    /// <summary>The disk when the power fails before one step of a deletion; null when it has fewer steps.</summary>
    private static async Task<SimulatedFileSystem?> DeleteUntilAsync(int step)
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("a", "b");
        await peer.CloseAsync();
        await broker.WhenIdleAsync();
        SimulatedFileSystem? left = null;
        int steps = 0;
        broker.Disk.BeforeOperation = _ =>
        {
            if (steps++ == step) left = broker.Disk.AfterPowerLoss();
        };
        await Patience.Wait(broker.Queues.DeleteAsync(Orders));
        await broker.WhenIdleAsync();
        return left;
    }
}
