using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>PUBLISH and PUBLISH_DELAYED: PUB-1 to PUB-10, OPEN-2, OPEN-6, X-5, X-22, X-23.</summary>
public class PublishTests
{
    [Fact]
    public async Task Offsets_of_a_partition_start_at_0_and_count_every_stored_message() // PUB-7, S-2, Q-27, Q-61, D-4, V-10
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish()));
        Assert.Equal(1UL, await peer.PublishAsync(new TestPublish { NotBefore = ulong.MaxValue }));
        await peer.SendRawAsync(new TestPublish { Confirm = false }.ToFrame(3));
        Assert.Equal(3UL, await peer.PublishAsync(new TestPublish { TtlMs = 0 }));
        Assert.Equal(4UL, await peer.PublishAsync(new TestPublish()));
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish(Partition: 1)));
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish(Group: "eu")));
    }

    [Fact]
    public async Task Every_confirmed_publish_is_confirmed_once_and_no_other() // PUB-6, FRM-13, S-9, V-10
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SendRawAsync(Enumerable.Range(0, 300).SelectMany(static number =>
            new TestPublish { Confirm = number % 3 == 0, NotBefore = number % 2 == 0 ? null : 0 }.ToFrame((ulong)number)).ToArray());
        for (ulong number = 0; number < 300; number += 3) Assert.Equal(number, (await peer.ExpectAsync<PublishOkMessage>(number)).Offset);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_confirm_waits_until_the_message_is_durable() // PUB-5, S-5
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish());
        broker.StallSyncs();
        await peer.SendRawAsync(new TestPublish().ToFrame(7));
        for (int i = 0; i < 5; i++) await peer.PingAsync();

        broker.ResumeSyncs();
        Assert.Equal(1UL, (await peer.ExpectAsync<PublishOkMessage>(7)).Offset);
    }

    [Fact]
    public async Task A_message_is_not_delivered_before_it_is_durable() // S-8
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync();
        broker.StallSyncs();
        await peer.SendRawAsync(new TestPublish { Confirm = false }.ToFrame(7));
        for (int i = 0; i < 5; i++) await peer.PingAsync();

        broker.ResumeSyncs();
        await peer.ExpectDeliveryAsync();
    }

    [Fact]
    public async Task An_undeclared_partition_comes_into_being_by_a_publish() // PUB-4, Q-16
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish("jobs", "eu", 2) { Text = "x" });
        QueueRoute[] routes = [.. (await peer.TopologyAsync("jobs")).Queues];
        Assert.Equal([0U, 1U, 2U], routes.Select(static route => route.Partition));
        Assert.All(routes, static route => Assert.Equal("eu", route.Group));

        await peer.SubscribeAsync("jobs", 2, "eu");
        Assert.Equal("x", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Fact]
    public async Task What_was_published_arrives_unchanged() // PUB-3, X-22, Q-24, Q-59, Q-60
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(prefetch: 10);
        broker.Time.Advance(TimeSpan.FromMilliseconds(123));
        ulong received = broker.NowMs;
        foreach (ulong published in new[] { 0UL, 1UL, received + 86_400_000, ulong.MaxValue })
        {
            await peer.PublishAsync(new TestPublish
            {
                Published = published,
                ContentType = ContentTypeKind.Json,
                Headers = [("b", ""), ("ä", "λ"), ("a", "1")],
                PartitionKey = [1, 2],
                Payload = [0, 255, 0],
            });
            ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
            Assert.Equal(published, delivery.Published);
            Assert.Equal(received, delivery.PublishReceived);
            Assert.Equal(ContentTypeKind.Json, delivery.ContentType);
            Assert.Equal(new Dictionary<string, string> { ["a"] = "1", ["b"] = "", ["ä"] = "λ" }, delivery.Headers);
            Assert.Equal([0, 255, 0], delivery.Payload);
        }
    }

    [Fact]
    public async Task An_empty_message_is_a_message()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync();
        await peer.PublishAsync(new TestPublish());
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        Assert.Empty(delivery.Payload);
        Assert.Empty(delivery.Headers);
        Assert.Equal(ContentTypeKind.None, delivery.ContentType);
    }

    [Fact]
    public async Task Partition_key_and_partitioning_version_do_not_route() // X-23, RDR-3, Q-24, Q-34
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(count: 4);
        foreach (ulong version in new[] { 0UL, 1UL, ulong.MaxValue })
            await peer.PublishAsync(new TestPublish(Partition: 3) { PartitionKey = "customer-7"u8.ToArray(), PartitioningVersion = version });

        await peer.SubscribeAsync(partition: 3, prefetch: 10);
        Assert.All(await peer.ExpectDeliveriesAsync(3), static delivery => Assert.Equal(3U, delivery.Partition));
    }

    [Fact]
    public async Task The_first_fault_decides_the_answer() // PUB-1: decode, content type, reserved headers, ownership, storage
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync("one");
        var everythingWrong = new TestPublish("NOT A NAME", Partition: 99) { Headers = [("fibril.x", "1")] };

        byte[] frame = everythingWrong.ToFrame(5);
        await peer.SendFrameAsync(OpCode.Publish, 5, [.. frame[FrameHeader.Size..], 9]);
        Assert.Contains("cannot be read", await peer.ExpectErrorAsync(5, ErrorCode.Invalid), StringComparison.Ordinal);
        Assert.Contains("fibril.x", await peer.ExpectRefusedAsync(everythingWrong, ErrorCode.Invalid), StringComparison.Ordinal);
        Assert.Contains(
            "fibril.x", await peer.ExpectRefusedAsync(new TestPublish("one", Partition: 99) { Headers = [("fibril.x", "1")] }, ErrorCode.Invalid),
            StringComparison.Ordinal);
        Assert.Contains("NOT A NAME", await peer.ExpectRefusedAsync(everythingWrong with { Headers = [] }, ErrorCode.Invalid), StringComparison.Ordinal);
        Assert.Contains("partition 99", await peer.ExpectRefusedAsync(new TestPublish("one", Partition: 99), ErrorCode.Invalid), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(5_000UL)]
    public async Task A_request_fault_of_an_unconfirmed_publish_is_answered(ulong? notBefore) // PUB-9, O-10, F-20
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        foreach (TestPublish wrong in new[]
        {
            new TestPublish { Headers = [("stroma.x", "1")] }, new TestPublish("Upper"), new TestPublish(Group: "..") { Headers = [("a", "b")] },
        })
            await peer.ExpectRefusedAsync(wrong with { Confirm = false, NotBefore = notBefore }, ErrorCode.Invalid);

        await peer.ExpectSilenceAsync();
        Assert.Equal(0, broker.Queues.Catalogue.Count);
    }

    [Fact]
    public async Task A_failed_sync_gives_every_confirmed_publish_one_error_500_and_the_others_nothing() // PUB-9, X-5, S-10, S-11, 6.3
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish());
        broker.FailSyncs = true;
        await peer.SendRawAsync((byte[])
        [
            .. new TestPublish { Confirm = false }.ToFrame(20), .. new TestPublish().ToFrame(21), .. new TestPublish { Confirm = false }.ToFrame(22),
            .. new TestPublish().ToFrame(23),
        ]);
        await peer.ExpectErrorAsync(21, ErrorCode.ServerFault);
        await peer.ExpectErrorAsync(23, ErrorCode.ServerFault);
        await peer.ExpectSilenceAsync();

        // The partition is out of service: the same goes for what comes later.
        await peer.SendRawAsync((byte[])[.. new TestPublish { Confirm = false }.ToFrame(30), .. new TestPublish().ToFrame(31)]);
        await peer.ExpectErrorAsync(31, ErrorCode.ServerFault);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_queue_that_cannot_be_created_is_an_error_500_for_who_asked_and_silence_for_who_did_not() // PUB-9, X-5, S-11
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        broker.FailSyncs = true;
        await peer.SendRawAsync(new TestPublish("new-1") { Confirm = false }.ToFrame(20));
        await peer.SendRawAsync(new TestPublish("new-2") { Confirm = false, NotBefore = 5 }.ToFrame(21));
        await peer.ExpectSilenceAsync();
        await peer.ExpectRefusedAsync(new TestPublish("new-3"), ErrorCode.ServerFault);
        await peer.ExpectRefusedAsync(new TestPublish("new-3") { NotBefore = 5 }, ErrorCode.ServerFault);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task Who_repeats_what_was_not_confirmed_may_have_stored_it_twice() // F-13, F-14
    {
        await using var broker = new SessionHarness();
        RawPeer first = await broker.ConnectAsync();
        await first.DeclareAsync();
        broker.StallSyncs();
        await first.SendRawAsync(new TestPublish { Text = "once" }.ToFrame(7));
        await first.WhenReadByBrokerAsync();
        await first.ResetAsync();
        broker.ResumeSyncs();

        RawPeer second = await broker.ConnectAsync();
        await second.PublishAsync(new TestPublish { Text = "once" });
        await second.SubscribeAsync(prefetch: 5);
        Assert.All(await second.ExpectDeliveriesAsync(2), static delivery => Assert.Equal("once", delivery.Text));
        await second.ExpectSilenceAsync();
    }

    [Fact]
    public async Task Who_numbers_its_messages_and_repeats_one_has_stored_it_once() // F-14, L-7, DUP-1, DUP-2
    {
        await using var broker = new SessionHarness();
        TestPublish numbered = new()
        {
            Text = "once",
            Headers = [("fibril.client.producer_id", "0f9d4b7c-0f5e-4f5c-9d0a-3f7f1f1b2a10"), ("fibril.client.producer_seq", "0"), ("k", "v")],
        };
        RawPeer first = await broker.ConnectAsync();
        await first.DeclareAsync();
        broker.StallSyncs();
        await first.SendRawAsync(numbered.ToFrame(7));
        await first.WhenReadByBrokerAsync();
        await first.ResetAsync();
        broker.ResumeSyncs();

        RawPeer second = await broker.ConnectAsync();
        Assert.Equal(0UL, await second.PublishAsync(numbered));
        Assert.Equal(1UL, await second.PublishAsync(new TestPublish { Text = "other" }));
        await second.SubscribeAsync(prefetch: 5);
        Assert.Equal(["once", "other"], (await second.ExpectDeliveriesAsync(2)).Select(static delivery => delivery.Text));
        await second.ExpectSilenceAsync();
    }

    [Fact]
    public async Task Two_connections_share_the_offsets_of_a_partition() // S-2
    {
        await using var broker = new SessionHarness();
        RawPeer one = await broker.ConnectAsync();
        RawPeer other = await broker.ConnectAsync();
        Assert.Equal(0UL, await one.PublishAsync(new TestPublish()));
        Assert.Equal(1UL, await other.PublishAsync(new TestPublish()));
        Assert.Equal(2UL, await one.PublishAsync(new TestPublish()));
    }

    [Fact]
    public async Task A_delayed_message_comes_at_its_time_and_not_before() // D-1, D-2, D-6, 4.8, V-12
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(prefetch: 10);
        await peer.PublishAsync(new TestPublish { Text = "later", NotBefore = broker.NowMs + 20_000 });
        await peer.PublishAsync(new TestPublish { Text = "past", NotBefore = broker.NowMs - 1 });
        Assert.Equal("past", (await peer.ExpectDeliveryAsync()).Text);
        await peer.PublishAsync(new TestPublish { Text = "now", NotBefore = broker.NowMs });
        Assert.Equal("now", (await peer.ExpectDeliveryAsync()).Text);
        await peer.PublishAsync(new TestPublish { Text = "zero", NotBefore = 0 });
        Assert.Equal("zero", (await peer.ExpectDeliveryAsync()).Text);

        broker.Time.Advance(TimeSpan.FromMilliseconds(19_999));
        await peer.ExpectSilenceAsync();
        broker.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("later", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Fact]
    public async Task A_message_expires_its_time_to_live_after_receipt_and_not_before() // PUB-8, X-22, D-11, D-14
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        foreach (ulong published in new[] { 0UL, broker.NowMs - 1_000_000, broker.NowMs + 1_000_000 })
        {
            await peer.PublishAsync(new TestPublish { Text = "short", Published = published, TtlMs = 10_000 });
            await peer.PublishAsync(new TestPublish { Text = "long", Published = published, TtlMs = 10_001 });
        }

        broker.Time.Advance(TimeSpan.FromSeconds(10));
        await peer.SubscribeAsync(prefetch: 10);
        Assert.All(await peer.ExpectDeliveriesAsync(3), static delivery => Assert.Equal("long", delivery.Text));
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_time_to_live_of_0_is_accepted_and_never_delivered() // OPEN-6, D-19
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(prefetch: 10);
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish { TtlMs = 0 }));
        Assert.Equal(1UL, await peer.PublishAsync(new TestPublish { Text = "lives" }));
        Assert.Equal("lives", (await peer.ExpectDeliveryAsync()).Text);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task An_endless_time_to_live_does_not_wrap_around() // PUB-8: saturating
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        foreach (ulong ttl in new[] { ulong.MaxValue, (ulong)long.MaxValue, ulong.MaxValue - broker.NowMs, long.MaxValue - broker.NowMs })
            await peer.PublishAsync(new TestPublish { TtlMs = ttl });
        await peer.PublishAsync(new TestPublish { NotBefore = ulong.MaxValue });

        broker.Advance(TimeSpan.FromMinutes(1));
        await peer.SubscribeAsync(prefetch: 10);
        await peer.ExpectDeliveriesAsync(4);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task The_default_of_the_queue_applies_to_messages_without_their_own_delayed_ones_too() // PUB-8, OPEN-2, D-10, D-18
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(ttlMs: 10_000);
        await peer.PublishAsync(new TestPublish { Text = "default" });
        await peer.PublishAsync(new TestPublish { Text = "own, longer", TtlMs = 60_000 });
        await peer.PublishAsync(new TestPublish { Text = "own, shorter", TtlMs = 5_000 });
        await peer.PublishAsync(new TestPublish { Text = "delayed within", NotBefore = broker.NowMs + 8_000 });
        await peer.PublishAsync(new TestPublish { Text = "delayed beyond", NotBefore = broker.NowMs + 12_000 });

        broker.Time.Advance(TimeSpan.FromSeconds(9));
        await peer.SubscribeAsync(prefetch: 10);
        Assert.Equal(["default", "own, longer", "delayed within"], (await peer.ExpectDeliveriesAsync(3)).Select(static delivery => delivery.Text));
        broker.Time.Advance(TimeSpan.FromSeconds(4));
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task Another_default_of_the_queue_leaves_stored_messages_alone() // D-11
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(ttlMs: 10_000);
        await peer.PublishAsync(new TestPublish { Text = "short" });
        await peer.DeclareAsync(ttlMs: 60_000);
        await peer.PublishAsync(new TestPublish { Text = "long" });
        await peer.DeclareAsync(ttlMs: 1_000);

        broker.Time.Advance(TimeSpan.FromSeconds(10));
        await peer.SubscribeAsync(prefetch: 10);
        Assert.Equal("long", (await peer.ExpectDeliveryAsync()).Text);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_message_does_not_expire_in_flight() // PUB-8, D-13
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(maxRetries: 1);
        await peer.PublishAsync(new TestPublish { Text = "held", TtlMs = 5_000 });
        await peer.PublishAsync(new TestPublish { Text = "next" });
        await peer.SubscribeAsync();
        ReceivedDelivery held = await peer.ExpectDeliveryAsync();
        broker.Time.Advance(TimeSpan.FromSeconds(10));
        await peer.ExpectSilenceAsync();
        await peer.AckAsync(held);
        Assert.Equal("next", (await peer.ExpectDeliveryAsync()).Text);
    }
}
