using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>A peer that does not read: FRM-18, X-20, DLV-7, and the limits that keep its output from growing.</summary>
public class BackpressureTests
{
    private const int RoomBytes = 64 << 10;
    private const int PayloadBytes = 1000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deliveries_to_who_does_not_read_stop_at_the_limit_and_go_to_the_others(bool autoAck) // DLV-7, M-66, F-4
    {
        await using SessionHarness broker = SmallOutput();
        RawPeer publisher = await broker.ConnectAsync();
        RawPeer stuck = await broker.ConnectAsync();
        await stuck.SubscribeAsync(prefetch: 10_000, autoAck: autoAck);
        stuck.StopReading();
        await PublishManyAsync(publisher, 500);
        await broker.WhenIdleAsync();

        RawPeer other = await broker.ConnectAsync();
        await other.SubscribeAsync(prefetch: 10_000, autoAck: true);
        List<ReceivedDelivery> elsewhere = await other.DrainDeliveriesAsync();
        int heldMost = (RoomBytes / PayloadBytes) + 1;
        Assert.True(500 - elsewhere.Count <= heldMost, $"{500 - elsewhere.Count} messages wait for a peer that does not read.");
        Assert.True(500 - elsewhere.Count >= heldMost / 2, $"Only {500 - elsewhere.Count} messages were sent on their way.");

        stuck.ResumeReading();
        List<ReceivedDelivery> late = await stuck.DrainDeliveriesAsync();
        Assert.Equal(
            Enumerable.Range(0, 500).Select(static offset => (ulong)offset),
            late.Concat(elsewhere).Select(static delivery => delivery.Offset).Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deliveries_go_on_when_the_peer_reads_again(bool autoAck) // X-20, M-48
    {
        await using SessionHarness broker = SmallOutput();
        RawPeer publisher = await broker.ConnectAsync();
        RawPeer peer = await broker.ConnectAsync();
        for (uint partition = 0; partition < 3; partition++) await peer.SubscribeAsync(partition: partition, prefetch: 10_000, autoAck: autoAck);
        for (int pause = 0; pause < 3; pause++)
        {
            peer.StopReading();
            for (uint partition = 0; partition < 3; partition++) await PublishManyAsync(publisher, 200, partition);
            await broker.WhenIdleAsync();
            peer.ResumeReading();
            List<ReceivedDelivery> all = await peer.DrainDeliveriesAsync();
            Assert.Equal(600, all.Count);
            foreach (IGrouping<uint, ReceivedDelivery> ofOne in all.GroupBy(static delivery => delivery.Partition))
            {
                // FRM-16: in the order of the offsets, without a gap.
                Assert.Equal(
                    Enumerable.Range(pause * 200, 200).Select(static offset => (ulong)offset), ofOne.Select(static delivery => delivery.Offset));
            }
        }
    }

    [Fact]
    public async Task A_message_larger_than_the_limit_is_delivered_all_the_same()
    {
        await using SessionHarness broker = SmallOutput();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(prefetch: 10);
        RawPeer publisher = await broker.ConnectAsync();
        for (int i = 0; i < 3; i++) await publisher.PublishAsync(new TestPublish { Payload = new byte[RoomBytes * 5] });
        foreach (ReceivedDelivery delivery in await peer.ExpectDeliveriesAsync(3)) Assert.Equal(RoomBytes * 5, delivery.Payload.Length);
    }

    [Fact]
    public async Task Acks_and_publishes_of_who_does_not_read_are_carried_out() // FRM-18, X-20
    {
        await using SessionHarness broker = SmallOutput();
        RawPeer publisher = await broker.ConnectAsync();
        await publisher.PublishAllAsync("0", "1");
        RawPeer stuck = await broker.ConnectAsync();
        await stuck.SubscribeAsync(prefetch: 2);
        ReceivedDelivery[] held = await stuck.ExpectDeliveriesAsync(2);
        await stuck.SubscribeAsync("flood", autoAck: true);
        stuck.StopReading();
        await PublishManyAsync(publisher, 300, topic: "flood");
        await broker.WhenIdleAsync();

        await stuck.AckAsync(held[0]);
        await stuck.SendRawAsync(new TestPublish("parcel") { Text = "unconfirmed", Confirm = false }.ToFrame(40));
        await stuck.SendRawAsync(new TestPublish("parcel") { Text = "confirmed" }.ToFrame(41));
        await stuck.SendRawAsync(FrameBytes.Of(42, RawPeer.Subscription("another")));
        await stuck.WhenReadByBrokerAsync();
        RawPeer receiver = await broker.ConnectAsync();
        await receiver.SubscribeAsync("parcel", prefetch: 5);
        Assert.Equal(["unconfirmed", "confirmed"], (await receiver.ExpectDeliveriesAsync(2)).Select(static delivery => delivery.Text));

        await stuck.ResetAsync();
        await receiver.SubscribeAsync(prefetch: 5);
        Assert.Equal("1", (await receiver.ExpectDeliveryAsync()).Text);
        await receiver.ExpectSilenceAsync();
    }

    [Fact]
    public async Task Who_asks_and_never_reads_is_not_asked_any_further_until_it_does() // bounded replies
    {
        await using SessionHarness broker = SmallOutput();
        RawPeer peer = await broker.ConnectAsync();
        peer.StopReading();

        // Replies of 16 times the limit are taken; these are far more, and more than the transport holds on their way in.
        const int Requests = 200_000;
        byte[] pings = [.. Enumerable.Range(0, 1000).SelectMany(static _ => FrameBytes.Of(7, default(PingMessage)))];
        Task sending = SendAsync(peer, pings, Requests / 1000);
        Assert.NotSame(sending, await Task.WhenAny(sending, Task.Delay(TimeSpan.FromMilliseconds(400), TestContext.Current.CancellationToken)));

        // It holds nobody else up.
        RawPeer other = await broker.ConnectAsync();
        Assert.Equal(0UL, await other.PublishAsync(new TestPublish()));

        peer.ResumeReading();
        await Patience.Wait(sending);
        for (int reply = 0; reply < Requests; reply++) await peer.ExpectAsync<PongMessage>(7);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task Large_answers_to_many_small_questions_are_made_no_faster_than_they_are_read() // bounded replies
    {
        await using var broker = new SessionHarness(static options =>
        {
            options.HeartbeatInterval = TimeSpan.FromHours(1);
            options.OutputBufferBytes = RoomBytes;
        });
        await (await broker.ConnectAsync()).DeclareAsync(count: 1024);
        RawPeer peer = await broker.ConnectAsync();
        const int Questions = 500;
        await peer.SendRawAsync(Enumerable.Range(0, Questions).SelectMany(static _ => FrameBytes.Of(7, new TopologyMessage(null, null))).ToArray());
        for (int answer = 0; answer < Questions; answer++) Assert.Equal(1024, (await peer.ExpectAsync<TopologyOkMessage>(7)).Snapshot.Queues.Count);
        Assert.InRange(peer.LargestFlushBytes, 0, 17 * RoomBytes);
    }

    [Fact]
    public async Task Who_is_not_logged_in_gets_no_more_room_for_answers_than_for_questions() // FRM-5
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = broker.Accept();
        await peer.HelloAsync();
        const int Questions = 20_000;
        await peer.SendRawAsync(Enumerable.Range(0, Questions).SelectMany(static _ => FrameBytes.Of(7, default(PingMessage))).ToArray());
        for (int answer = 0; answer < Questions; answer++) await peer.ExpectAsync<PongMessage>(7);
        Assert.InRange(peer.LargestFlushBytes, 0, broker.Options.MaxUnauthenticatedFrameBytes + FrameHeader.Size);
    }

    [Fact]
    public async Task A_stalled_disk_keeps_nobody_from_settling() // M-67, S-18, F-43
    {
        await using SessionHarness broker = SmallOutput();
        RawPeer publisher = await broker.ConnectAsync();
        await publisher.PublishAllAsync("0", "1", "2");
        RawPeer consumer = await broker.ConnectAsync();
        await consumer.SubscribeAsync();
        broker.StallSyncs();
        await publisher.SendRawAsync(new TestPublish { Confirm = false }.ToFrame(5));
        foreach (string text in new[] { "0", "1", "2" })
        {
            ReceivedDelivery delivery = await consumer.ExpectDeliveryAsync();
            Assert.Equal(text, delivery.Text);
            await consumer.AckAsync(delivery);
        }

        broker.ResumeSyncs();
    }

    [Fact]
    public async Task A_flood_of_publishes_does_not_keep_consumers_from_their_messages() // M-67
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer consumer = await broker.ConnectAsync();
        await consumer.SubscribeAsync();
        byte[] burst = [.. Enumerable.Range(0, 200).SelectMany(static _ => new TestPublish { Confirm = false }.ToFrame(1))];
        await WhileFloodedAsync(await broker.ConnectAsync(), burst, async () =>
        {
            for (int i = 0; i < 200; i++) await consumer.AckAsync(await consumer.ExpectDeliveryAsync());
        });
    }

    [Fact]
    public async Task A_flood_of_settlements_does_not_keep_publishers_from_their_confirms() // M-67
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer publisher = await broker.ConnectAsync();
        RawPeer consumer = await broker.ConnectAsync();
        await consumer.SubscribeAsync();
        var dead = new AckMessage { Topic = "orders"u8, Tags = new TagList(FrameBytes.OfTags([.. Enumerable.Repeat(1UL, 100)])) };
        byte[] ack = FrameBytes.Of(1, in dead);
        await WhileFloodedAsync(consumer, [.. Enumerable.Repeat(ack, 20).SelectMany(static frame => frame)], async () =>
        {
            for (ulong offset = 0; offset < 200; offset++) Assert.Equal(offset, await publisher.PublishAsync(new TestPublish()));
        });
    }

    private static SessionHarness SmallOutput() => SessionHarness.WithoutPushes(static options => options.OutputBufferBytes = RoomBytes);

    private static async Task PublishManyAsync(RawPeer publisher, int count, uint partition = 0, string topic = "orders")
    {
        await publisher.SendRawAsync(Enumerable.Range(0, count).SelectMany(_ =>
            new TestPublish(topic, Partition: partition) { Confirm = false, Payload = new byte[PayloadBytes] }.ToFrame(1)).ToArray());
        await publisher.ExpectSilenceAsync();
    }

    /// <summary>Does some work while a peer sends without a pause.</summary>
    private static async Task WhileFloodedAsync(RawPeer flooder, byte[] burst, Func<Task> work)
    {
        using var done = new CancellationTokenSource();
        Task flooding = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested) await flooder.SendRawAsync(burst);
        });
        await work();
        await done.CancelAsync();
        await Patience.Wait(flooding);
    }

    private static async Task SendAsync(RawPeer peer, byte[] bytes, int times)
    {
        for (int i = 0; i < times; i++) await peer.SendRawAsync(bytes);
    }
}
