using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.Idle;
using Fibril.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Queues that nobody uses leave memory, and lose nothing by it: section 5.</summary>
public sealed class IdleQueueTests
{
    private static readonly PartitionId Orders = new(new QueueName("orders", null), 0);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    [Fact] // I-1, I-4, I-10, I-14, D-8, D-20, M-43
    public async Task An_unloaded_queue_goes_on_from_what_is_on_the_disk()
    {
        await using var broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish { Text = "retried" });
        await peer.PublishAsync(new TestPublish { Text = "delayed", NotBefore = broker.NowMs + 60_000 });
        await peer.PublishAsync(new TestPublish { Text = "expires", TtlMs = 60_000 });
        await peer.SubscribeAsync(prefetch: 1);
        await peer.NackAsync(await peer.ExpectDeliveryAsync(), requeue: true, notBefore: broker.NowMs + 60_000);
        await peer.ExpectDeliveryAsync();
        await peer.CloseAsync();
        await peer.WhenEndedAsync();
        Assert.Equal(UnloadOutcome.Unloaded, await Patience.Wait(broker.Queues.UnloadAsync(Orders)));
        Assert.Empty(broker.Queues.Loaded);
        Assert.DoesNotContain(broker.Disk.OpenFiles(), static path => path.Contains("orders", StringComparison.Ordinal));

        broker.Advance(TimeSpan.FromMinutes(2));
        RawPeer later = await broker.ConnectAsync();
        Assert.Equal(3UL, await later.PublishAsync(new TestPublish { Text = "new" }));
        await later.SubscribeAsync(prefetch: 10);
        List<ReceivedDelivery> deliveries = await later.DrainDeliveriesAsync();
        Assert.Equal(["retried", "delayed", "new"], deliveries.Select(static delivery => delivery.Text));
    }

    [Fact] // I-2, I-3, I-10, I-11, I-13, I-40, I-41
    public async Task A_sweep_unloads_what_is_idle_for_long_enough_and_says_why_not()
    {
        await using var broker = SessionHarness.WithoutPushes();
        await using var cleanup = Cleanup(broker);
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("a");
        PartitionSlot<QueuePartition> slot = broker.Queues.FindSlot(Orders)!;
        broker.Advance(Window);
        await cleanup.SweepAsync();
        Assert.Equal(UnloadOutcome.ActivePublishers, slot.LastCleanup);

        await peer.SubscribeAsync();
        await cleanup.SweepAsync();
        Assert.Equal(UnloadOutcome.ActiveSubscribers, slot.LastCleanup);
        Assert.Equal((1, 1, TimeSpan.Zero), (slot.CountOf(PartitionUse.Publish), slot.CountOf(PartitionUse.Subscribe), slot.IdleFor));

        await peer.CloseAsync();
        await peer.WhenEndedAsync();
        await cleanup.SweepAsync();
        Assert.Equal(UnloadOutcome.NotIdleLongEnough, slot.LastCleanup);
        broker.Advance(Window);
        await cleanup.SweepAsync();
        Assert.Equal(UnloadOutcome.Unloaded, slot.LastCleanup);
        Assert.Null(slot.Loaded);
        Assert.Equal(Window, slot.IdleFor);

        long attempts = broker.Queues.Cleanup.Attempts;
        await cleanup.SweepAsync();
        Assert.Equal(attempts, broker.Queues.Cleanup.Attempts); // I-13
        Assert.Equal(1, broker.Queues.Cleanup.CountOf(UnloadOutcome.Unloaded));
        Assert.Equal(UnloadOutcome.AlreadyUnloaded, await broker.Queues.UnloadAsync(Orders));
        Assert.Equal(UnloadOutcome.NotTracked, await broker.Queues.UnloadAsync(new PartitionId(new QueueName("never", null), 0)));
    }

    [Fact] // I-2
    public async Task Nothing_is_unloaded_unless_it_is_asked_for()
    {
        await using var broker = SessionHarness.WithoutPushes();
        await using var cleanup = Cleanup(broker, enabled: false);
        await broker.Queues.GetAsync(Orders);
        broker.Advance(Window * 2);
        await cleanup.SweepAsync();
        Assert.Single(broker.Queues.Loaded);
        Assert.Equal("disabled", UnloadOutcomes.NameOf(broker.Queues.FindSlot(Orders)!.LastCleanup!.Value));
        Assert.False(new IdleQueueOptions().Enabled);
    }

    [Fact] // I-20, I-21, I-22
    public async Task A_publisher_that_publishes_no_more_stops_counting_after_its_time()
    {
        await using var broker = SessionHarness.WithoutPushes(static options => options.PublisherIdleTimeout = TimeSpan.FromMinutes(5));
        await using var cleanup = Cleanup(broker);
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("a");
        broker.Advance(TimeSpan.FromMinutes(4));
        await peer.PingAsync();
        Assert.Equal(1, broker.Queues.FindSlot(Orders)!.CountOf(PartitionUse.Publish));
        broker.Advance(TimeSpan.FromMinutes(2));
        await peer.PingAsync(); // I-21: looked at when frames arrive
        Assert.Equal(0, broker.Queues.FindSlot(Orders)!.CountOf(PartitionUse.Publish));
        broker.Advance(Window);
        await cleanup.SweepAsync();
        Assert.Empty(broker.Queues.Loaded);
        Assert.Equal(1UL, await peer.PublishAsync(new TestPublish { Text = "b" })); // I-22
        Assert.Equal(1, broker.Queues.FindSlot(Orders)!.CountOf(PartitionUse.Publish));
    }

    [Fact] // I-23
    public async Task A_lease_stands_for_one_use_and_ends_once()
    {
        await using var broker = new SessionHarness();
        PartitionLease<QueuePartition> first = await broker.Queues.AcquireAsync(Orders, PartitionUse.Publish);
        PartitionLease<QueuePartition> second = await broker.Queues.AcquireAsync(Orders, PartitionUse.Publish);
        PartitionSlot<QueuePartition> slot = broker.Queues.FindSlot(Orders)!;
        Assert.Equal(2, slot.CountOf(PartitionUse.Publish));
        first.Dispose();
        first.Dispose();
        Assert.Equal(1, slot.CountOf(PartitionUse.Publish));
        second.Dispose();
        Assert.Equal(0, slot.CountOf(PartitionUse.Publish));
    }

    [Fact] // I-12, I-15, F-47: users come and go while the queue is unloaded again and again
    public async Task Messages_published_while_a_queue_is_unloaded_again_and_again_are_all_there_once()
    {
        await using var broker = new SessionHarness();
        using var stop = new CancellationTokenSource();
        Task unloading = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await broker.Queues.UnloadAsync(Orders);
                await Task.Yield();
            }
        });
        for (int i = 0; i < 60; i++)
        {
            RawPeer peer = await broker.ConnectAsync();
            Assert.Equal((ulong)i, await peer.PublishAsync(new TestPublish { Text = $"{i}" }));
            await peer.CloseAsync();
        }

        await stop.CancelAsync();
        await Patience.Wait(unloading);
        Assert.True(broker.Queues.Cleanup.CountOf(UnloadOutcome.Unloaded) > 0);
        RawPeer reader = await broker.ConnectAsync();
        await reader.SubscribeAsync(prefetch: 100);
        Assert.Equal(Enumerable.Range(0, 60).Select(static i => $"{i}"), (await reader.DrainDeliveriesAsync()).Select(static delivery => delivery.Text));
    }

    [Fact] // I-30
    public async Task A_look_loads_a_queue_and_does_not_keep_it()
    {
        await using var broker = SessionHarness.WithoutPushes();
        await using var cleanup = Cleanup(broker);
        using (PartitionLease<QueuePartition> look = await broker.Queues.AcquireAsync(Orders, PartitionUse.Visit))
        {
            PartitionSlot<QueuePartition> slot = broker.Queues.FindSlot(Orders)!;
            Assert.Equal((0, 0), (slot.CountOf(PartitionUse.Publish), slot.CountOf(PartitionUse.Subscribe)));
            Assert.Equal(UnloadOutcome.StorageRace, await broker.Queues.UnloadAsync(Orders));
        }

        broker.Advance(Window);
        await cleanup.SweepAsync();
        Assert.Empty(broker.Queues.Loaded);
    }

    [Fact] // delete when idle: empty, unused, for long enough
    public async Task A_queue_that_is_to_go_when_idle_goes_when_it_is_empty_and_nobody_uses_it()
    {
        await using var broker = SessionHarness.WithoutPushes();
        await using var cleanup = Cleanup(broker, enabled: false);
        await broker.Queues.DeclareAsync(Orders.Queue, new QueueDeclaration(2, null, null, null) { DeleteAfterIdleMs = 60_000 });
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("a");
        broker.Advance(TimeSpan.FromMinutes(2));
        await cleanup.SweepAsync();
        Assert.NotNull(broker.Queues.Catalogue.Find(Orders.Queue)); // somebody publishes

        await peer.CloseAsync();
        await peer.WhenEndedAsync();
        broker.Advance(TimeSpan.FromMinutes(2));
        await cleanup.SweepAsync();
        Assert.NotNull(broker.Queues.Catalogue.Find(Orders.Queue)); // it is not empty

        RawPeer consumer = await broker.ConnectAsync();
        await consumer.SubscribeAsync();
        await consumer.AckAsync(await consumer.ExpectDeliveryAsync());
        await consumer.CloseAsync();
        await consumer.WhenEndedAsync();
        broker.Advance(TimeSpan.FromSeconds(59));
        await cleanup.SweepAsync();
        Assert.NotNull(broker.Queues.Catalogue.Find(Orders.Queue)); // not for long enough
        broker.Advance(TimeSpan.FromMinutes(2));
        await cleanup.SweepAsync();
        Assert.Null(broker.Queues.Catalogue.Find(Orders.Queue));
        Assert.Equal(1, broker.Queues.Cleanup.QueuesDeleted);
    }

    private static IdleQueueCleanup Cleanup(SessionHarness broker, bool enabled = true) => new(
        broker.Queues,
        new IdleQueueOptions { Enabled = enabled, EvictAfter = Window, SweepInterval = TimeSpan.FromDays(1) },
        broker.Time,
        NullLogger.Instance);
}
