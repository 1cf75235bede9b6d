using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Streams;
using Fibril.Broker.Streams.Idle;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Streams;

/// <summary>Streams that nobody uses leave memory, when that is switched on (P-60).</summary>
public sealed class IdleStreamTests
{
    private static readonly PartitionId Audit = new(new QueueName("audit", null), 0);

    [Fact] // P-60
    public async Task A_stream_that_nobody_uses_is_unloaded_with_its_cursors_written_down_and_comes_back_as_it_was()
    {
        await using var broker = SessionHarness.WithoutPushes();
        broker.StreamOptions.IdleEvictEnabled = true;
        broker.StreamOptions.IdleSweepInterval = TimeSpan.FromDays(1); // the test sweeps
        await using var cleanup = new IdleStreamCleanup(broker.Streams, broker.StreamOptions, broker.Time, broker.Log);
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.PublishRecordsAsync("a", "b");
        await peer.SubscribeStreamAsync(name: "billing");
        ReceivedDelivery[] deliveries = await peer.ExpectDeliveriesAsync(2);
        await peer.AckAsync(deliveries[0]);
        PartitionSlot<StreamPartition> slot = Assert.Single(broker.Streams.Slots);
        broker.Advance(broker.StreamOptions.IdleEvictAfter);
        await cleanup.SweepAsync();
        Assert.Equal(UnloadOutcome.ActiveSubscribers, slot.LastCleanup);

        await peer.CloseAsync();
        await peer.WhenEndedAsync();
        await cleanup.SweepAsync();
        Assert.Equal(UnloadOutcome.NotIdleLongEnough, slot.LastCleanup);
        broker.Advance(broker.StreamOptions.IdleEvictAfter);
        await Patience.Wait(cleanup.SweepAsync());
        Assert.Equal(UnloadOutcome.Unloaded, slot.LastCleanup);
        Assert.Empty(broker.Streams.Loaded);
        Assert.DoesNotContain(broker.Disk.OpenFiles(), static path => path.Contains("audit", StringComparison.Ordinal));

        RawPeer later = await broker.ConnectAsync();
        await later.SubscribeStreamAsync(name: "billing");
        Assert.Equal("b", (await later.ExpectDeliveryAsync()).Text);
        Assert.Equal(2UL, await later.PublishAsync(new TestPublish("audit") { Text = "c" }));
    }

    [Fact] // P-60: off by default
    public async Task Nothing_is_unloaded_unless_it_is_asked_for()
    {
        await using var broker = SessionHarness.WithoutPushes();
        await using var cleanup = new IdleStreamCleanup(broker.Streams, broker.StreamOptions, broker.Time, broker.Log);
        await (await broker.ConnectAsync()).DeclareStreamAsync();
        using (await broker.Streams.AcquireAsync(Audit, PartitionUse.Visit))
        {
            // It is loaded now.
        }

        broker.Advance(TimeSpan.FromHours(1));
        await cleanup.SweepAsync();
        Assert.Single(broker.Streams.Loaded);
        Assert.Equal(UnloadOutcome.Disabled, Assert.Single(broker.Streams.Slots).LastCleanup);
    }
}
