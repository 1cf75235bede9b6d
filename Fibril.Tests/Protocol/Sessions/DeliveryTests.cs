using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>Deliveries, prefetch and leases: DLV-1 to DLV-7, SUB-3, FRM-16, OPEN-1; section 12 items 12 to 14.</summary>
public class DeliveryTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Never_more_than_prefetch_in_flight_and_an_ack_frees_one_place() // DLV-1, DLV-2, M-60, M-62, M-63, V-13
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await FilledAsync(broker, "0", "1", "2", "3", "4");
        await peer.SubscribeAsync(prefetch: 2);
        ReceivedDelivery[] two = await peer.ExpectDeliveriesAsync(2);
        Assert.Equal(["0", "1"], two.Select(static delivery => delivery.Text));
        await peer.ExpectSilenceAsync();

        await peer.AckAsync(two[1]);
        ReceivedDelivery third = await peer.ExpectDeliveryAsync();
        Assert.Equal("2", third.Text);
        await peer.ExpectSilenceAsync();

        await peer.AckAsync(5, "orders", null, 0, two[0].Tag, third.Tag);
        Assert.Equal(["3", "4"], (await peer.ExpectDeliveriesAsync(2)).Select(static delivery => delivery.Text));
    }

    [Fact]
    public async Task A_nack_frees_its_place_too() // DLV-1, M-63
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await FilledAsync(broker, "0", "1", "2");
        await peer.SubscribeAsync(prefetch: 1);
        await peer.NackAsync(await peer.ExpectDeliveryAsync(), requeue: false);
        ReceivedDelivery second = await peer.ExpectDeliveryAsync();
        Assert.Equal("1", second.Text);
        await peer.NackAsync(second, requeue: true, notBefore: broker.NowMs + 1000);
        Assert.Equal("2", (await peer.ExpectDeliveryAsync()).Text);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_lease_that_ends_makes_the_message_ready_again_under_a_new_tag() // DLV-3, DLV-4, OPEN-1, M-10, M-11, M-14, M-33
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await FilledAsync(broker, "0");
        await peer.DeclareAsync(maxRetries: 0);
        await peer.SubscribeAsync(prefetch: 1);
        var tags = new HashSet<ulong>();
        for (int delivery = 0; delivery < 5; delivery++)
        {
            ReceivedDelivery received = await peer.ExpectDeliveryAsync();
            Assert.Equal((0UL, null), (received.Offset, received.Retries)); // no retry was asked for
            Assert.True(tags.Add(received.Tag));
            broker.Advance(Lease - TimeSpan.FromMilliseconds(1));
            await peer.ExpectSilenceAsync();
            broker.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        // The tags of ended leases are dead: settling by them changes nothing.
        ReceivedDelivery last = await peer.ExpectDeliveryAsync();
        foreach (ulong dead in tags)
        {
            await peer.AckAsync(last.PushId, "orders", null, 0, dead);
            await peer.NackAsync(last.PushId, "orders", null, 0, requeue: true, notBefore: null, dead);
        }

        await peer.ExpectSilenceAsync();
        await peer.AckAsync(last);
        broker.Advance(Lease * 2);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_lease_that_ends_frees_its_place() // DLV-1, M-63, F-3
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await FilledAsync(broker, "0", "1");
        await peer.SubscribeAsync(prefetch: 1);
        Assert.Equal("0", (await peer.ExpectDeliveryAsync()).Text);

        RawPeer other = await broker.ConnectAsync();
        await other.SubscribeAsync(prefetch: 1);
        ReceivedDelivery held = await other.ExpectDeliveryAsync();
        Assert.Equal("1", held.Text);
        broker.Advance(TimeSpan.FromSeconds(20));
        await other.AckAsync(held);
        await other.ExpectSilenceAsync();

        // Both have a free place when the first lease ends, and who waited longest is served.
        broker.Advance(TimeSpan.FromSeconds(10));
        await broker.WhenIdleAsync();
        Assert.Equal("0", (await other.ExpectDeliveryAsync()).Text);
        await other.PublishAsync(new TestPublish { Text = "2" });
        Assert.Equal("2", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Fact]
    public async Task Lease_time_is_the_configured_one() // M-10
    {
        await using SessionHarness broker =
            SessionHarness.WithoutPushes(delivery: new Fibril.Broker.Queues.DeliveryOptions { LeaseDuration = TimeSpan.FromSeconds(3) });
        RawPeer peer = await FilledAsync(broker, "0");
        await peer.SubscribeAsync();
        ReceivedDelivery first = await peer.ExpectDeliveryAsync();
        broker.Time.Advance(TimeSpan.FromMilliseconds(2_999));
        await peer.ExpectSilenceAsync();
        broker.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.NotEqual(first.Tag, (await peer.ExpectDeliveryAsync()).Tag);
    }

    [Fact]
    public async Task Tags_are_unique_in_the_process_and_stay_countable_for_clients_with_doubles() // DLV-3, M-34
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer publisher = await broker.ConnectAsync();
        for (uint partition = 0; partition < 3; partition++)
        {
            await publisher.SendRawAsync(Enumerable.Range(0, 150).SelectMany(_ =>
                new TestPublish(Partition: partition) { Confirm = false }.ToFrame(1)).ToArray());
        }

        var tags = new HashSet<ulong>();
        for (int session = 0; session < 2; session++)
        {
            RawPeer peer = await broker.ConnectAsync();
            for (uint partition = 0; partition < 3; partition++)
            {
                await peer.SubscribeAsync(partition: partition, prefetch: 75);
                foreach (ReceivedDelivery delivery in await peer.ExpectDeliveriesAsync(75)) Assert.True(tags.Add(delivery.Tag));
            }
        }

        Assert.All(tags, static tag => Assert.True(tag < 1UL << 53));
    }

    [Fact]
    public async Task Messages_come_in_the_order_of_their_offsets_and_a_retried_one_goes_first_again() // FRM-16, M-46
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await FilledAsync(broker, "0", "1", "2", "3");
        await peer.SubscribeAsync(prefetch: 2);
        ReceivedDelivery[] two = await peer.ExpectDeliveriesAsync(2);
        await peer.NackAsync(two[0], requeue: true);
        ReceivedDelivery again = await peer.ExpectDeliveryAsync();
        Assert.Equal(("0", "1"), (again.Text, again.Retries));
        await peer.AckAsync(again);
        Assert.Equal("2", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Fact] // M-40, M-41, M-44, F-8
    public async Task Retries_are_counted_from_the_second_delivery_on_and_end_at_the_limit() // DLV-5, STL-3, V-14
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(maxRetries: 2, policy: DeadLetterPolicy.Discard);
        await peer.PublishAllAsync("0", "1");
        await peer.SubscribeAsync();
        foreach (string? retries in new[] { null, "1", "2" })
        {
            ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
            Assert.Equal(("0", retries), (delivery.Text, delivery.Retries));
            await peer.NackAsync(delivery, requeue: true);
        }

        ReceivedDelivery next = await peer.ExpectDeliveryAsync();
        Assert.Equal(("1", null), (next.Text, next.Retries));
    }

    [Fact]
    public async Task A_retry_with_a_time_comes_at_it_and_not_before() // STL-3, M-24, M-26, V-12
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await FilledAsync(broker, "0");
        await peer.SubscribeAsync();
        await peer.NackAsync(await peer.ExpectDeliveryAsync(), requeue: true, notBefore: broker.NowMs + 45_000);
        broker.Advance(TimeSpan.FromMilliseconds(44_999));
        await peer.ExpectSilenceAsync();
        broker.Time.Advance(TimeSpan.FromMilliseconds(1));
        ReceivedDelivery later = await peer.ExpectDeliveryAsync();
        Assert.Equal("1", later.Retries);

        await peer.NackAsync(later, requeue: true, notBefore: 1); // long past: at once
        Assert.Equal("2", (await peer.ExpectDeliveryAsync()).Retries);
    }

    [Fact]
    public async Task A_retry_to_the_end_of_time_is_accepted()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await FilledAsync(broker, "0", "1");
        await peer.SubscribeAsync();
        await peer.NackAsync(await peer.ExpectDeliveryAsync(), requeue: true, notBefore: ulong.MaxValue);
        ReceivedDelivery next = await peer.ExpectDeliveryAsync();
        Assert.Equal("1", next.Text);
        await peer.AckAsync(next);
        broker.Advance(TimeSpan.FromMinutes(1));
        await peer.ExpectSilenceAsync();
        await peer.PublishAsync(new TestPublish { Text = "2" });
        Assert.Equal("2", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Fact]
    public async Task Auto_ack_settles_what_was_sent_beyond_any_prefetch() // SUB-3, M-70, M-72
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer publisher = await FilledAsync(broker, [.. Enumerable.Range(0, 50).Select(static number => $"{number}")]);
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(prefetch: 1, autoAck: true);
        ReceivedDelivery[] all = await peer.ExpectDeliveriesAsync(50);
        Assert.Equal(Enumerable.Range(0, 50).Select(static number => $"{number}"), all.Select(static delivery => delivery.Text));

        // Settling them is ignored, and so is the end of their leases.
        await peer.AckAsync(all[0]);
        await peer.NackAsync(all[1], requeue: true);
        await peer.NackAsync(all[2], requeue: false);
        await peer.ExpectSilenceAsync();
        broker.Advance(Lease * 2);
        await peer.ExpectSilenceAsync();
        await peer.CloseAsync();

        RawPeer next = await broker.ConnectAsync();
        await next.SubscribeAsync(prefetch: 100);
        await next.ExpectSilenceAsync();
        await publisher.PublishAsync(new TestPublish { Text = "50" });
        Assert.Equal("50", (await next.ExpectDeliveryAsync()).Text);
    }

    [Fact]
    public async Task Auto_ack_deliveries_that_were_not_sent_go_to_the_next_consumer() // SUB-3, M-71
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer publisher = await broker.ConnectAsync();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(autoAck: true);
        peer.StopReading();
        await publisher.PublishAllAsync("0", "1", "2");
        await broker.WhenIdleAsync();
        await peer.ResetAsync();

        RawPeer next = await broker.ConnectAsync();
        await next.SubscribeAsync(prefetch: 5);
        Assert.Equal(["0", "1", "2"], (await next.ExpectDeliveriesAsync(3)).Select(static delivery => delivery.Text));
    }

    [Fact]
    public async Task A_delivery_names_its_subscription_and_its_record() // DLV-6, Q-60, 4.13
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer publisher = await broker.ConnectAsync();
        RawPeer peer = await broker.ConnectAsync();
        SubscribeOkMessage[] subscriptions =
        [
            await peer.SubscribeAsync("jobs", 1, "eu", 5), await peer.SubscribeAsync("jobs", 0, "", 5), await peer.SubscribeAsync("jobs", 2, null, 5),
        ];
        foreach (SubscribeOkMessage subscription in subscriptions)
        {
            for (ulong offset = 0; offset < 3; offset++)
            {
                await publisher.PublishAsync(new TestPublish("jobs", subscription.Group, subscription.Partition));
                ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
                Assert.Equal(
                    (subscription.SubscriptionId, "jobs", subscription.Group, subscription.Partition, offset),
                    (delivery.SubscriptionId, delivery.Topic, delivery.Group, delivery.Partition, delivery.Offset));
            }
        }
    }

    [Fact]
    public async Task A_backlog_that_no_memory_holds_is_read_from_the_disk_in_order() // M-46
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer publisher = await broker.ConnectAsync();
        for (int chunk = 0; chunk < 20; chunk++)
        {
            await publisher.SendRawAsync(Enumerable.Range(chunk * 100, 100).SelectMany(static number =>
                new TestPublish { Confirm = false, Payload = BitConverter.GetBytes(number).Concat(new byte[500]).ToArray() }.ToFrame(1)).ToArray());
        }

        await publisher.ExpectSilenceAsync();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(prefetch: 64);
        for (int number = 0; number < 2000; number++)
        {
            ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
            Assert.Equal((ulong)number, delivery.Offset);
            Assert.Equal(number, BitConverter.ToInt32(delivery.Payload));
            await peer.AckAsync(delivery);
        }

        await peer.ExpectSilenceAsync();
    }

    private static async Task<RawPeer> FilledAsync(SessionHarness broker, params string[] texts)
    {
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync(texts);
        return peer;
    }
}
