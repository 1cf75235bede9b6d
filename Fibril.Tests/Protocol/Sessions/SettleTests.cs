using Fibril.Broker.Primitives;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>ACK and NACK: STL-1 to STL-4, STL-6, X-4. What is settled does not come back when its session ends; what is not, does.</summary>
public class SettleTests
{
    [Fact]
    public async Task An_ack_is_final() // STL-2, M-2, M-21, M-30, M-32, F-5
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await ConsumerAsync(broker, prefetch: 1, "0");
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        await peer.AckAsync(delivery);
        await peer.NackAsync(delivery, requeue: true);
        await peer.NackAsync(delivery, requeue: false);
        await peer.AckAsync(delivery);
        await peer.ExpectSilenceAsync();
        await AssertLeftAsync(broker, peer);
    }

    [Fact]
    public async Task Every_tag_of_a_batch_is_judged_by_itself() // STL-1, M-37
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await ConsumerAsync(broker, prefetch: 4, "0", "1", "2", "3");
        ReceivedDelivery[] all = await peer.ExpectDeliveriesAsync(4);
        await peer.AckAsync(all[0]);
        await peer.AckAsync(9, "orders", null, 0, 0, all[0].Tag, all[2].Tag, ulong.MaxValue, all[2].Tag, all[3].Tag);
        await peer.ExpectSilenceAsync();
        await AssertLeftAsync(broker, peer, "1");
    }

    [Fact]
    public async Task An_empty_batch_is_legal() // 4.14
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await ConsumerAsync(broker, prefetch: 1, "0");
        await peer.ExpectDeliveryAsync();
        await peer.AckAsync(9, "orders", null, 0);
        await peer.NackAsync(9, "orders", null, 0, requeue: true, notBefore: null);
        await peer.ExpectSilenceAsync();
        await AssertLeftAsync(broker, peer, "0");
    }

    [Fact]
    public async Task A_batch_of_many_thousands_is_settled() // STL-1
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer publisher = await broker.ConnectAsync();
        for (int chunk = 0; chunk < 100; chunk++)
            await publisher.SendRawAsync(Enumerable.Range(0, 100).SelectMany(static _ => new TestPublish { Confirm = false }.ToFrame(1)).ToArray());
        await publisher.PublishAsync(new TestPublish { Text = "last" });

        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(prefetch: 10_000);
        ulong[] tags = [.. (await peer.ExpectDeliveriesAsync(10_000)).Select(static delivery => delivery.Tag)];
        await peer.AckAsync(9, "orders", null, 0, [.. tags, .. tags]);
        Assert.Equal("last", (await peer.ExpectDeliveryAsync()).Text);
        await AssertLeftAsync(broker, peer, "last");
    }

    [Fact]
    public async Task What_the_first_tag_of_a_long_frame_frees_does_not_wait_for_the_last()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer publisher = await broker.ConnectAsync();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(prefetch: 2);
        var held = new ReceivedDelivery[2];
        for (int i = 0; i < held.Length; i++)
        {
            await publisher.PublishAsync(new TestPublish());
            held[i] = await peer.ExpectDeliveryAsync();
        }

        for (int i = 0; i < 2; i++) await publisher.PublishAsync(new TestPublish { Payload = new byte[10_000] });
        await publisher.ExpectSilenceAsync();
        await peer.ExpectSilenceAsync();
        await peer.AckAsync(9, "orders", null, 0, [held[0].Tag, .. Enumerable.Repeat(0UL, 5000), held[1].Tag]);
        await peer.ExpectDeliveriesAsync(2);
        Assert.InRange(peer.LargestFlushBytes, 10_000, 15_000); // one delivery, then the other
    }

    [Fact]
    public async Task A_frame_with_more_tags_than_a_partition_has_room_for_is_settled_to_its_last_tag()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await ConsumerAsync(broker, prefetch: 1, "0", "1");
        ReceivedDelivery held = await peer.ExpectDeliveryAsync();
        await peer.PublishAsync(new TestPublish { NotBefore = broker.NowMs + 1_000_000 });
        await peer.ExpectSilenceAsync();

        // From its next look at the delayed message on, the partition takes nothing out of its lanes.
        broker.Threads.HoldWork();
        broker.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(1, broker.Threads.HeldCount);
        Task acking = peer.AckAsync(9, "orders", null, 0, [.. Enumerable.Repeat(0UL, 1_200_000), held.Tag]);
        await peer.WhenReceivedByBrokerAsync();
        broker.Threads.ResumeWork();
        await acking;
        Assert.Equal("1", (await peer.ExpectDeliveryAsync()).Text);
        await AssertLeftAsync(broker, peer, "1");
    }

    [Fact] // STL-1: every frame begins at its own first tag
    public async Task A_frame_whose_subscription_ends_while_it_waits_takes_nothing_from_the_next()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer other = await broker.ConnectAsync();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish { NotBefore = broker.NowMs + 1_000_000 });
        await peer.SubscribeAsync();
        await peer.SubscribeAsync("others");
        await peer.PublishAsync(new TestPublish("others"));
        ReceivedDelivery held = await peer.ExpectDeliveryAsync();
        await peer.ExpectSilenceAsync();

        using var broken = new HeldBrokenCommand();
        broker.ChokeOrders(partitionCount: 1, broken);
        await peer.SendRawAsync((byte[])
        [
            .. FrameBytes.Of(8, default(PingMessage)),
            .. RawPeer.AckFrame(9, "orders", null, 0, [.. Enumerable.Repeat(0UL, 3000)]),
        ]);
        await peer.ExpectAsync<PongMessage>(8); // sent before the broker waits for room
        broker.Threads.ResumeWork();
        await broken.Reached; // there was room for a part of it, and for no more
        await other.PingAsync();
        broken.Release();
        await peer.ExpectPushAsync<SubscriptionClosedMessage>();
        await peer.AckAsync(held);
        await broker.WhenIdleAsync();
        Assert.Equal(0, broker.Queues.FindLoaded(new PartitionId(new QueueName("others", null), 0))!.ActiveCount);
    }

    [Fact]
    public async Task A_tag_settles_only_where_it_was_delivered() // STL-1, M-31, M-36, F-7: other subscription, other session, unknown key
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await ConsumerAsync(broker, prefetch: 1, "0", "1");
        ReceivedDelivery mine = await peer.ExpectDeliveryAsync();
        await peer.SubscribeAsync(partition: 1);
        await peer.SubscribeAsync(group: "eu");
        RawPeer other = await broker.ConnectAsync();
        await other.SubscribeAsync(prefetch: 1);
        ReceivedDelivery theirs = await other.ExpectDeliveryAsync();

        await peer.AckAsync(mine.PushId, "orders", null, 1, mine.Tag);             // another subscription of the session
        await peer.AckAsync(mine.PushId, "orders", "eu", 0, mine.Tag);
        await peer.AckAsync(mine.PushId, "orders", null, 7, mine.Tag);             // no subscription at all
        await peer.AckAsync(mine.PushId, "unknown", null, 0, mine.Tag);
        await peer.AckAsync(theirs.PushId, "orders", null, 0, theirs.Tag);         // another session's
        await other.NackAsync(mine.PushId, "orders", null, 0, requeue: false, notBefore: null, mine.Tag);
        RawPeer stranger = await broker.ConnectAsync();
        await stranger.AckAsync(mine.PushId, "orders", null, 0, mine.Tag);
        await stranger.ExpectSilenceAsync();
        await peer.ExpectSilenceAsync();
        await other.ExpectSilenceAsync();

        await other.CloseAsync();
        await AssertLeftAsync(broker, peer, "0", "1");
    }

    [Fact]
    public async Task A_key_is_known_by_the_time_the_subscription_is_and_no_longer() // STL-1, M-33
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.AckAsync(1, "orders", null, 0, 1);             // before there is anything
        await peer.PublishAllAsync("0");                          // the way to the partition is known, and no subscription
        await peer.AckAsync(1, "orders", null, 0, 1);
        await peer.SubscribeAsync(prefetch: 2);
        ReceivedDelivery first = await peer.ExpectDeliveryAsync();
        await peer.ReconcileAsync(ReconcilePolicy.Conservative);  // ends it, and what it held is ready again
        await peer.AckAsync(first);
        await peer.SubscribeAsync(prefetch: 2);
        ReceivedDelivery second = await peer.ExpectDeliveryAsync();
        Assert.NotEqual(first.Tag, second.Tag);
        await peer.AckAsync(first);                               // a tag of the subscription before
        await peer.ExpectSilenceAsync();
        await AssertLeftAsync(broker, peer, "0");
    }

    [Fact]
    public async Task A_retry_makes_the_message_ready_and_counts() // STL-3, M-23, M-32
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await ConsumerAsync(broker, prefetch: 1, "0");
        ReceivedDelivery first = await peer.ExpectDeliveryAsync();
        await peer.NackAsync(first, requeue: true);
        ReceivedDelivery second = await peer.ExpectDeliveryAsync();
        Assert.Equal((first.Offset, "1"), (second.Offset, second.Retries));

        await peer.NackAsync(first, requeue: true); // the tag of the first delivery is settled: the count stays
        await peer.ExpectSilenceAsync();
        await peer.NackAsync(second, requeue: true);
        Assert.Equal("2", (await peer.ExpectDeliveryAsync()).Retries);
    }

    [Fact]
    public async Task A_retry_count_survives_the_session() // STL-3, OPEN-1, M-51
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await ConsumerAsync(broker, prefetch: 1, "0");
        await peer.NackAsync(await peer.ExpectDeliveryAsync(), requeue: true);
        Assert.Equal("1", (await peer.ExpectDeliveryAsync()).Retries);
        await peer.CloseAsync();

        RawPeer next = await broker.ConnectAsync();
        await next.SubscribeAsync();
        Assert.Equal("1", (await next.ExpectDeliveryAsync()).Retries); // the lost connection does not count
    }

    [Fact]
    public async Task A_terminal_nack_drops_the_message_without_a_policy() // STL-4, M-22, D-31
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await ConsumerAsync(broker, prefetch: 1, "0");
        await peer.NackAsync(await peer.ExpectDeliveryAsync(), requeue: false);
        await peer.ExpectSilenceAsync();
        await AssertLeftAsync(broker, peer);
    }

    [Fact]
    public async Task A_terminal_nack_drops_the_message_under_policy_discard() // STL-4, M-22, D-54
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(maxRetries: 5, policy: DeadLetterPolicy.Discard);
        await peer.PublishAllAsync("0");
        await peer.SubscribeAsync();
        await peer.NackAsync(await peer.ExpectDeliveryAsync(), requeue: false);
        await peer.ExpectSilenceAsync();
        await AssertLeftAsync(broker, peer);
    }

    [Fact]
    public async Task A_terminal_nack_with_a_time_is_ignored_whole() // STL-6, X-4, M-25
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await ConsumerAsync(broker, prefetch: 1, "0");
        await peer.NackAsync(await peer.ExpectDeliveryAsync(), requeue: false, notBefore: broker.NowMs + 1000);
        await peer.ExpectSilenceAsync();
        await AssertLeftAsync(broker, peer, "0");
    }

    [Fact]
    public async Task A_malformed_settle_is_answered_under_its_own_id_and_settles_nothing() // X-4, 1.7
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await ConsumerAsync(broker, prefetch: 1, "0");
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        byte[] ack = Hex.Bytes("46414b31" + "00000006" + "6f7264657273" + "00" + "00000000" + "00000001" + $"{delivery.Tag:x16}" + "00");
        await peer.SendFrameAsync(OpCode.Ack, delivery.PushId, ack);
        await peer.ExpectErrorAsync(delivery.PushId, ErrorCode.Invalid);
        await AssertLeftAsync(broker, peer, "0");
    }

    [Fact]
    public async Task A_settle_of_a_partition_out_of_service_is_ignored() // M-31: 6.3, X-4
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await ConsumerAsync(broker, prefetch: 1, "0");
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        await broker.BreakAsync(PartitionHarness.Id);
        await peer.ExpectPushAsync<SubscriptionClosedMessage>();
        await peer.AckAsync(delivery);
        await peer.NackAsync(delivery, requeue: true);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_settle_survives_a_power_loss_once_it_is_synced() // STL-2, M-2
    {
        var disk = new SimulatedFileSystem();
        await using (var broker = new SessionHarness(disk: disk))
        {
            RawPeer peer = await ConsumerAsync(broker, prefetch: 3, "0", "1", "2");
            ReceivedDelivery[] all = await peer.ExpectDeliveriesAsync(3);
            await peer.AckAsync(all[0]);
            await peer.NackAsync(all[1], requeue: true, notBefore: broker.NowMs + 1_000_000);
            await peer.WhenReadByBrokerAsync();
            broker.Time.Advance(TimeSpan.FromMilliseconds(100)); // the interval in which settlements are synced
            await broker.WhenIdleAsync();
            disk = disk.AfterPowerLoss();
        }

        await using var again = new SessionHarness(disk: disk);
        RawPeer next = await again.ConnectAsync();
        await next.SubscribeAsync(prefetch: 5);
        Assert.Equal("2", (await next.ExpectDeliveryAsync()).Text);
        await next.ExpectSilenceAsync();
    }

    private static async Task<RawPeer> ConsumerAsync(SessionHarness broker, uint prefetch, params string[] texts)
    {
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync(texts);
        await peer.SubscribeAsync(prefetch: prefetch);
        return peer;
    }

    /// <summary>Ends the session; a new one gets exactly the messages that were not settled.</summary>
    private static async Task AssertLeftAsync(SessionHarness broker, RawPeer peer, params string[] texts)
    {
        await peer.WhenReadByBrokerAsync();
        await peer.CloseAsync();
        RawPeer next = await broker.ConnectAsync();
        await next.SubscribeAsync(prefetch: 100);
        Assert.Equal(texts, (await next.ExpectDeliveriesAsync(texts.Length)).Select(static delivery => delivery.Text));
        await next.ExpectSilenceAsync();
    }
}
