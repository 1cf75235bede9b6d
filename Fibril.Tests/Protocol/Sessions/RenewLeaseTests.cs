using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>RENEW_LEASE (L-19): every request is answered under its id, with the tags that hold no lease of this session (M-33, M-36).</summary>
public class RenewLeaseTests
{
    private static readonly TimeSpan TwentySeconds = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_consumer_that_renews_keeps_its_message()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        (RawPeer peer, ReceivedDelivery[] held) = await HoldAsync(broker, "a");
        for (int i = 0; i < 5; i++)
        {
            broker.Advance(TwentySeconds);
            RenewLeaseOkMessage answer = await peer.RenewAsync(held[0].Tag);
            Assert.Equal(30_000UL, answer.LeaseMs);
            Assert.Empty(answer.DeadTags);
        }

        await peer.ExpectSilenceAsync();
        broker.Advance(TwentySeconds + TwentySeconds);
        ReceivedDelivery again = await peer.ExpectDeliveryAsync();
        Assert.Equal((held[0].Offset, null), (again.Offset, again.Retries)); // OPEN-1: the end of a lease is no retry
        Assert.Equal([held[0].Tag], (await peer.RenewAsync(held[0].Tag)).DeadTags);
    }

    [Fact]
    public async Task Every_tag_is_judged_by_itself_and_the_dead_ones_are_named_in_the_order_of_the_request()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        (RawPeer peer, ReceivedDelivery[] held) = await HoldAsync(broker, "a", "b", "c");
        await peer.AckAsync(held[1]);
        RenewLeaseOkMessage answer = await peer.RenewAsync(ulong.MaxValue, held[2].Tag, held[1].Tag, held[0].Tag, 0, held[0].Tag);
        Assert.Equal([ulong.MaxValue, held[1].Tag, 0UL], answer.DeadTags);
    }

    [Fact]
    public async Task A_request_without_tags_says_how_long_a_lease_is()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        (RawPeer peer, _) = await HoldAsync(broker);
        RenewLeaseOkMessage answer = await peer.RenewAsync();
        Assert.Equal(30_000UL, answer.LeaseMs);
        Assert.Empty(answer.DeadTags);
    }

    [Fact] // FRM-14: settlements that were sent before take effect before
    public async Task What_was_settled_in_the_same_piece_is_dead()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        (RawPeer peer, ReceivedDelivery[] held) = await HoldAsync(broker, "a", "b");
        var ack = new AckMessage { Topic = "orders"u8, Tags = new TagList(FrameBytes.OfTags([held[0].Tag])) };
        await peer.SendRawAsync((byte[])
        [
            .. FrameBytes.Of(held[0].PushId, in ack),
            .. FrameBytes.Of(900, new RenewLeaseMessage("orders", null, 0, [held[0].Tag, held[1].Tag])),
        ]);
        Assert.Equal([held[0].Tag], (await peer.ExpectAsync<RenewLeaseOkMessage>(900)).DeadTags);
    }

    [Fact] // M-36, STL-1: other subscription, other session, unknown key
    public async Task A_lease_is_renewed_only_by_the_subscription_that_holds_it()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        (RawPeer holder, ReceivedDelivery[] held) = await HoldAsync(broker, "a");
        ulong tag = held[0].Tag;
        await holder.SubscribeAsync(partition: 1);
        await holder.SubscribeAsync(group: "eu");
        RawPeer other = await broker.ConnectAsync();
        await other.SubscribeAsync();
        RawPeer stranger = await broker.ConnectAsync();

        Assert.Equal([tag], (await other.RenewAsync(tag)).DeadTags);
        Assert.Equal([tag], (await holder.RenewAsync("orders", null, 1, tag)).DeadTags);
        Assert.Equal([tag], (await holder.RenewAsync("orders", "eu", 0, tag)).DeadTags);
        foreach (RenewLeaseOkMessage answer in (RenewLeaseOkMessage[])
            [await stranger.RenewAsync(tag), await holder.RenewAsync("orders", null, 7, tag), await holder.RenewAsync("unknown", null, 0, tag)])
        {
            Assert.Equal((0UL, tag), (answer.LeaseMs, Assert.Single(answer.DeadTags))); // no such subscription in the session
        }

        Assert.Equal(2, broker.Queues.Catalogue.Count); // asking made no queue
        Assert.Empty((await holder.RenewAsync("orders", "default", 0, tag)).DeadTags); // NAM-3
    }

    [Fact] // SUB-3, M-70
    public async Task A_subscription_that_settles_by_itself_has_nothing_to_renew()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(autoAck: true);
        await peer.PublishAllAsync("a");
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        Assert.Equal([delivery.Tag], (await peer.RenewAsync(delivery.Tag)).DeadTags);
    }

    [Fact] // M-50
    public async Task What_a_reconciliation_ended_cannot_be_renewed()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        (RawPeer peer, ReceivedDelivery[] held) = await HoldAsync(broker, "a");
        await peer.ReconcileAsync(ReconcilePolicy.Conservative);
        Assert.Equal([held[0].Tag], (await peer.RenewAsync(held[0].Tag)).DeadTags);
    }

    [Fact] // NAM-1
    public async Task A_name_that_no_queue_can_have_is_refused()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SendAsync(77, new RenewLeaseMessage("No Such Name", null, 0, [1]));
        Assert.Contains("No Such Name", await peer.ExpectErrorAsync(77, ErrorCode.Invalid), StringComparison.Ordinal);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_partition_out_of_service_answers_that_every_lease_is_over()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        (RawPeer peer, ReceivedDelivery[] held) = await HoldAsync(broker, "a");
        await broker.BreakAsync(PartitionHarness.Id);
        await peer.ExpectPushAsync<SubscriptionClosedMessage>();
        Assert.Equal([held[0].Tag], (await peer.RenewAsync(held[0].Tag)).DeadTags);
        await peer.ExpectSilenceAsync();
    }

    [Fact] // a frame full of tags neither blocks the partition nor loses its answer
    public async Task A_request_with_more_tags_than_a_partition_has_room_for_is_answered_whole()
    {
        const int Count = 1_200_000;
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        (RawPeer peer, ReceivedDelivery[] held) = await HoldAsync(broker, "a");
        await peer.SendAsync(900, new RenewLeaseMessage("orders", null, 0, [.. Enumerable.Repeat(0UL, Count), held[0].Tag]));
        RenewLeaseOkMessage answer = await peer.ExpectAsync<RenewLeaseOkMessage>(900);
        Assert.Equal(Count, answer.DeadTags.Count);
        Assert.DoesNotContain(held[0].Tag, answer.DeadTags);
        await peer.ExpectSilenceAsync();
    }

    [Fact] // 6.3: another op before authentication
    public async Task Before_login_nothing_is_renewed()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = broker.Accept();
        await peer.HelloAsync();
        await peer.SendAsync(5, new RenewLeaseMessage("orders", null, 0, [1]));
        await peer.ExpectErrorAsync(5, ErrorCode.Unauthenticated);
        await peer.ExpectClosedAsync();
    }

    [Fact] // S-60
    public async Task A_stop_answers_a_request_that_it_has_taken_in()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        (RawPeer peer, ReceivedDelivery[] held) = await HoldAsync(broker, "a");
        await peer.PublishAsync(new TestPublish { NotBefore = broker.NowMs + 1_000_000 });
        await peer.ExpectSilenceAsync();

        // From its next look at the delayed message on, the partition takes nothing out of its lanes.
        broker.Threads.HoldWork();
        broker.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(1, broker.Threads.HeldCount);
        await peer.SendAsync(900, new RenewLeaseMessage("orders", null, 0, [held[0].Tag]));
        await peer.WhenReadByBrokerAsync();
        Task stopping = broker.StopAsync();
        await peer.ExpectPushAsync<SubscriptionClosedMessage>();
        broker.Threads.ResumeWork();
        Assert.Empty((await peer.ExpectAsync<RenewLeaseOkMessage>(900)).DeadTags);
        await stopping;
        await peer.ExpectClosedAsync();
    }

    private static async Task<(RawPeer Peer, ReceivedDelivery[] Held)> HoldAsync(SessionHarness broker, params string[] texts)
    {
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync(texts);
        await peer.SubscribeAsync(prefetch: 10);
        return (peer, await peer.ExpectDeliveriesAsync(texts.Length));
    }
}
