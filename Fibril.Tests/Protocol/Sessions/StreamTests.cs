using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Sessions;
using Fibril.Broker.Streams;
using Fibril.Broker.Streams.Delivery;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>Streams over the wire: declared, published to, read, acknowledged, deleted.</summary>
public sealed class StreamTests
{
    private static readonly PartitionId Audit = new(new QueueName("audit", null), 0);

    [Fact] // STR-1, STR-3, STR-6, 4.11, 4.13
    public async Task A_stream_delivers_every_record_to_every_subscription_with_absent_group_and_headers_as_published()
    {
        await using var broker = new SessionHarness();
        RawPeer producer = await broker.ConnectAsync();
        Assert.Equal(1u, await producer.DeclareStreamAsync());
        RawPeer[] readers = [await broker.ConnectAsync(), await broker.ConnectAsync()];
        foreach (RawPeer reader in readers)
        {
            SubscribeOkMessage reply = await reader.SubscribeStreamAsync(prefetch: 0);
            Assert.Equal(("audit", 0u, null, 1u, null, null, null), (
                reply.Topic, reply.Partition, reply.Group, reply.Prefetch, reply.ConsumerGroup, reply.ConsumerTarget, reply.MemberId));
        }

        await broker.WhenIdleAsync();
        Assert.Equal(0UL, await producer.PublishAsync(new TestPublish("audit") { Text = "hello", Headers = [("k", "v")], Published = 77, ContentType = ContentTypeKind.Json }));
        foreach (RawPeer reader in readers)
        {
            ReceivedDelivery delivery = await reader.ExpectDeliveryAsync();
            Assert.Equal(("audit", null, 0u, 0UL, 77UL, broker.NowMs), (
                delivery.Topic, delivery.Group, delivery.Partition, delivery.Offset, delivery.Published, delivery.PublishReceived));
            Assert.Equal((ContentTypeKind.Json, "hello"), (delivery.ContentType, delivery.Text));
            Assert.Equal([new("k", "v")], delivery.Headers);
        }
    }

    [Fact] // P-10, P-11, STR-2, STL-5; V-16: the durable name resumes after the ACK, a fresh name starts at the oldest
    public async Task A_durable_name_goes_on_behind_its_last_acknowledgement()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.PublishRecordsAsync("a", "b", "c");
        await peer.SubscribeStreamAsync(name: "billing");
        ReceivedDelivery[] all = await peer.ExpectDeliveriesAsync(3);
        Assert.Equal(["a", "b", "c"], all.Select(static delivery => delivery.Text));
        await peer.AckAsync(all[1]);
        await broker.WhenIdleAsync();

        RawPeer next = await broker.ConnectAsync();
        await next.SubscribeStreamAsync(name: "billing");
        Assert.Equal(["c"], (await next.DrainDeliveriesAsync()).Select(static delivery => delivery.Text));
        RawPeer fresh = await broker.ConnectAsync();
        await fresh.SubscribeStreamAsync(name: "search", start: StreamStart.Latest);
        Assert.Equal(["a", "b", "c"], (await fresh.DrainDeliveriesAsync()).Select(static delivery => delivery.Text));
    }

    [Fact] // P-25, P-28; V-16: the filter table is in HeaderFilterTests
    public async Task A_filter_lets_through_what_matches()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.SubscribeStreamAsync(start: StreamStart.Earliest, filter: [new("region", "eu-*"), new("kind", "order")]);
        foreach ((string region, string kind) in new[] { ("eu-west", "order"), ("us", "order"), ("eu-", "bill"), ("eu-", "order") })
            await peer.SendRawAsync(new TestPublish("audit") { Text = region + kind, Headers = [("region", region), ("kind", kind)], Confirm = false }.ToFrame(peer.NewId()));
        await peer.WhenReadByBrokerAsync();
        Assert.Equal([0UL, 3UL], (await peer.DrainDeliveriesAsync()).Select(static delivery => delivery.Offset));
    }

    [Fact] // DLV-8, P-21: the protocol's rule stands
    public async Task Records_are_not_withheld_because_acknowledgements_are_missing()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.SubscribeStreamAsync(name: "never", prefetch: 1);
        await broker.WhenIdleAsync();
        for (int i = 0; i < 50; i++)
            await peer.SendRawAsync(new TestPublish("audit") { Text = $"{i}", Confirm = false }.ToFrame(peer.NewId()));
        await peer.WhenReadByBrokerAsync();
        Assert.Equal(50, (await peer.DrainDeliveriesAsync()).Count);
    }

    [Fact]
    public async Task Several_subscriptions_of_one_session_to_one_partition_have_tags_and_cursors_of_their_own()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.PublishRecordsAsync("a", "b");
        ulong billing = (await peer.SubscribeStreamAsync(name: "billing")).SubscriptionId;
        List<ReceivedDelivery> first = await peer.DrainDeliveriesAsync();
        ulong search = (await peer.SubscribeStreamAsync(name: "search")).SubscriptionId;
        List<ReceivedDelivery> second = await peer.DrainDeliveriesAsync();
        Assert.NotEqual(billing, search);
        Assert.Equal((2, 2), (first.Count, second.Count));
        Assert.Equal(4, first.Concat(second).Select(static delivery => delivery.Tag).Distinct().Count());
        await peer.AckAsync(first[1]);
        await peer.AckAsync(second[0]);
        await broker.WhenIdleAsync();
        var cursors = (await broker.Streams.DescribeAsync(Audit.Queue)).Single().Cursors;
        Assert.Equal([("billing", 2L), ("search", 1L)], cursors.Select(static cursor => (cursor.Name, cursor.Position)));
    }

    [Fact] // STR-7, P-16
    public async Task Auto_ack_moves_the_cursor_when_the_record_was_sent()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.PublishRecordsAsync("a", "b");
        await peer.SubscribeStreamAsync(name: "billing", autoAck: true);
        await peer.ExpectDeliveriesAsync(2);
        await Patience.Until(() => CursorOf(broker, "billing") == 2);
    }

    [Fact] // STL-5, P-18, X-4: nothing is answered
    public async Task A_nack_on_a_stream_is_ignored()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.PublishRecordsAsync("a");
        await peer.SubscribeStreamAsync(name: "billing");
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        await peer.NackAsync(delivery, requeue: true);
        await peer.NackAsync(delivery, requeue: false);
        Assert.Empty(await peer.DrainDeliveriesAsync());
        Assert.Equal(0, CursorOf(broker, "billing"));
    }

    [Fact] // STL-1, STR-3: unknown tags, and those of readers without a cursor
    public async Task Acknowledgements_that_mean_nothing_are_ignored()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.PublishRecordsAsync("a");
        await peer.SubscribeStreamAsync(start: StreamStart.Earliest);
        await peer.AckAsync(await peer.ExpectDeliveryAsync());
        await peer.AckAsync(99, "audit", null, 0, 0, 1, ulong.MaxValue);
        await peer.AckAsync(99, "audit", null, 7, 1);
        Assert.Empty(await peer.DrainDeliveriesAsync());
        Assert.Empty((await broker.Streams.DescribeAsync(Audit.Queue)).Single().Cursors);
    }

    [Theory] // P-8, 6.3
    [InlineData("missing", 0u, "Declare it first")]
    [InlineData("audit", 3u, "1 partition")]
    [InlineData("orders", 0u, "is a queue")]
    public async Task A_stream_subscription_to_what_is_no_stream_partition_is_not_found(string topic, uint partition, string hint)
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.DeclareAsync();
        string text = await peer.ExpectRefusedAsync(RawPeer.StreamSubscription(topic, partition), ErrorCode.NotFound);
        Assert.Contains(hint, text, StringComparison.Ordinal);
        Assert.Equal(2, broker.Catalogue.Count);
    }

    [Theory, InlineData(null), InlineData("eu")] // P-8, Q-8, DCL-4
    public async Task A_queue_subscription_to_a_stream_is_refused_with_a_hint(string? group)
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        string text = await peer.ExpectRefusedAsync(RawPeer.Subscription("audit", group: group), ErrorCode.Invalid);
        Assert.Contains("stream subscription", text, StringComparison.Ordinal);
    }

    [Fact] // DCL-4
    public async Task A_topic_is_one_kind_of_channel_whatever_the_group()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync("audit");
        await peer.DeclareAsync("orders", "eu");
        string queue = await peer.ExpectRefusedAsync(new DeclareQueueMessage("audit", "eu", null, null, null, null), ErrorCode.Invalid);
        string stream = await peer.ExpectRefusedAsync(new DeclarePlexusMessage("orders", null, Durability.Durable, default, null), ErrorCode.Invalid);
        Assert.Contains("audit is a stream", queue, StringComparison.Ordinal);
        Assert.Contains("orders is a queue", stream, StringComparison.Ordinal);
    }

    [Fact] // P-5, DCL-5, OPEN-4
    public async Task Declaring_again_is_idempotent_and_another_tier_is_a_conflict()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        Assert.Equal(2u, await peer.DeclareStreamAsync(count: 2, tier: Durability.Ephemeral));
        Assert.Equal(2u, await peer.DeclareStreamAsync(count: 2, tier: Durability.Ephemeral));
        Assert.Equal(2u, await peer.DeclareStreamAsync(count: 1, tier: Durability.Ephemeral));
        Assert.Equal(3u, await peer.DeclareStreamAsync(count: 3, tier: Durability.Ephemeral));
        string text = await peer.ExpectRefusedAsync(new DeclarePlexusMessage("audit", 3, Durability.Durable, default, null), ErrorCode.Conflict);
        Assert.Contains("ephemeral", text, StringComparison.Ordinal);
    }

    [Theory, InlineData(Durability.Ephemeral), InlineData(Durability.Speculative)] // P-34
    public async Task An_express_tier_takes_no_followers(Durability tier)
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.ExpectRefusedAsync(new DeclarePlexusMessage("audit", 1, tier, default, 1), ErrorCode.Invalid);
        await peer.DeclareStreamAsync(tier: tier, followers: 0);
    }

    [Fact] // P-4, OPEN-14, 4.21: 0 counts as 1
    public async Task Partition_counts_of_streams_are_bounded_like_those_of_queues()
    {
        await using var broker = new SessionHarness(static options => options.MaxPartitionCount = 8);
        RawPeer peer = await broker.ConnectAsync();
        Assert.Equal(1u, await peer.DeclareStreamAsync("zero", count: 0));
        await peer.ExpectRefusedAsync(new DeclarePlexusMessage("audit", 9, Durability.Durable, default, null), ErrorCode.Invalid);
        await peer.ExpectRefusedAsync(new DeclarePlexusMessage("..", 1, Durability.Durable, default, null), ErrorCode.Invalid); // NAM-1
    }

    [Fact] // PUB-3, PUB-8, P-6: ttl and group are ignored
    public async Task A_publish_to_a_stream_may_carry_a_time_to_live_and_a_group()
    {
        await using var broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish("audit", "eu") { Text = "a", TtlMs = 1 }));
        Assert.Equal(1UL, await peer.PublishAsync(new TestPublish("audit") { Text = "b", TtlMs = 0 }));
        broker.Advance(TimeSpan.FromSeconds(2));
        await peer.SubscribeStreamAsync(start: StreamStart.Earliest);
        Assert.Equal(["a", "b"], (await peer.DrainDeliveriesAsync()).Select(static delivery => delivery.Text));
        Assert.Equal(1, broker.Catalogue.Count);
    }

    [Fact] // STL-1: whatever group it names
    public async Task An_acknowledgement_finds_a_stream_subscription_by_topic_and_partition()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.PublishRecordsAsync("a");
        await peer.SubscribeStreamAsync(name: "billing");
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        await peer.AckAsync(delivery.PushId, "audit", "eu", 0, delivery.Tag);
        await peer.WhenReadByBrokerAsync();
        await Patience.Until(() => CursorOf(broker, "billing") == 1);
    }

    [Fact] // 6.3, P-7
    public async Task A_delayed_publish_to_a_stream_is_refused()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        string text = await peer.ExpectRefusedAsync(new TestPublish("audit") { Text = "a", NotBefore = broker.NowMs + 1000 }, ErrorCode.Invalid);
        Assert.Contains("delay", text, StringComparison.Ordinal);
    }

    [Fact] // OPEN-8
    public async Task A_publish_to_a_partition_that_a_stream_does_not_have_is_refused()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync(count: 2);
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish("audit", Partition: 1) { Text = "a" }));
        await peer.ExpectRefusedAsync(new TestPublish("audit", Partition: 2) { Text = "a" }, ErrorCode.Invalid);
    }

    [Fact] // HDR-1, P-31: nobody forges the mark
    public async Task The_mark_of_the_speculative_tier_comes_from_the_broker_alone()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync(tier: Durability.Speculative);
        await peer.ExpectRefusedAsync(new TestPublish("audit") { Headers = [("fibril.speculative", "1")] }, ErrorCode.Invalid);
        await peer.SubscribeStreamAsync(start: StreamStart.Earliest);
        await broker.WhenIdleAsync();
        await peer.SendRawAsync(new TestPublish("audit") { Text = "a", Confirm = false }.ToFrame(peer.NewId()));
        Assert.Equal([new("fibril.speculative", "1")], (await peer.ExpectDeliveryAsync()).Headers);
    }

    [Fact] // TOP-1, TOP-4, X-13, 4.31
    public async Task Topology_lists_streams_beside_queues()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync("orders");
        ulong before = (await peer.TopologyAsync()).Generation;
        await peer.DeclareStreamAsync(count: 2);
        TopologySnapshot all = await peer.TopologyAsync();
        Assert.True(all.Generation > before);
        Assert.Equal("orders", Assert.Single(all.Queues).Topic);
        Assert.Equal([0u, 1u], all.Streams.Select(static route => route.Partition));
        Assert.All(all.Streams, static route => Assert.Equal(("audit", 2u, 0UL, 0), (route.Topic, route.PartitionCount, route.PartitioningVersion, route.OwnerEndpoints.Count)));
        TopologySnapshot one = await peer.TopologyAsync("audit");
        Assert.Equal((0, 2), (one.Queues.Count, one.Streams.Count));
        Assert.Empty((await peer.TopologyAsync("orders")).Streams);
    }

    [Fact] // STR-9, Q-9
    public async Task Subscriptions_of_a_stream_that_is_deleted_end_with_a_reason_and_the_topic_is_free()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.PublishRecordsAsync("a");
        ulong subscription = (await peer.SubscribeStreamAsync(name: "billing")).SubscriptionId;
        await peer.ExpectDeliveryAsync();
        Assert.NotNull(await Patience.Wait(broker.Streams.DeleteAsync(Audit.Queue)));
        SubscriptionClosedMessage closed = await peer.ExpectPushAsync<SubscriptionClosedMessage>();
        Assert.Equal((subscription, CloseReason.TopicDeleted), (closed.SubscriptionId, closed.Code));
        Assert.Null(await Patience.Wait(broker.Streams.DeleteAsync(Audit.Queue)));
        await peer.ExpectRefusedAsync(new TestPublish("audit") { Text = "a" }, ErrorCode.Invalid); // it does not become a queue by that

        await peer.DeclareStreamAsync(tier: Durability.Ephemeral);
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish("audit") { Text = "new" }));
        await peer.SubscribeStreamAsync(name: "billing");
        Assert.Equal("new", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Fact] // NAM-2, OPEN-14
    public async Task Names_of_cursors_and_filters_are_bounded()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        foreach (string name in (string[])["", new string('n', 129), "a\nb"])
            await peer.ExpectRefusedAsync(RawPeer.StreamSubscription(name: name), ErrorCode.Invalid);
        await peer.SubscribeStreamAsync(name: new string('n', 128));
        FilterClause[] clauses = [.. Enumerable.Range(0, 65).Select(static i => new FilterClause($"{i}", "*"))];
        await peer.ExpectRefusedAsync(RawPeer.StreamSubscription(filter: clauses), ErrorCode.Invalid);
        await peer.SubscribeStreamAsync(filter: clauses[..64]);
    }

    [Fact] // P-20, RES-7, STL-7
    public async Task A_resume_ends_stream_subscriptions_and_a_late_acknowledgement_still_moves_the_cursor()
    {
        await using var broker = new SessionHarness();
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(5);
        RawPeer first = await broker.ConnectAsync();
        await first.DeclareStreamAsync();
        await first.PublishRecordsAsync("a", "b", "c");
        await first.SubscribeStreamAsync(name: "billing");
        ReceivedDelivery[] deliveries = await first.ExpectDeliveriesAsync(3);

        RawPeer second = await broker.ResumeAsync(first.Identity);
        Assert.Empty(await second.ReconcileAsync(ReconcilePolicy.Conservative)); // streams are not reconciled
        await second.AckAsync(deliveries[1]);
        await Patience.Until(() => CursorOf(broker, "billing") == 2);
        await second.SubscribeStreamAsync(name: "billing");
        Assert.Equal(["c"], (await second.DrainDeliveriesAsync()).Select(static delivery => delivery.Text));
        Assert.Equal(1, (await broker.Streams.DescribeAsync(Audit.Queue)).Single().Subscriptions);
        Assert.Empty(await first.DrainDeliveriesAsync()); // not twice
    }

    [Fact] // nothing of them can be acknowledged
    public async Task A_session_forgets_the_subscriptions_of_streams_that_are_deleted()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.SubscribeStreamAsync();
        await broker.Streams.DeleteAsync(Audit.Queue);
        await peer.ExpectPushAsync<SubscriptionClosedMessage>();
        await Patience.Until(() => Assert.Single(broker.Sessions.All).SubscriptionCount == 0);
    }

    [Fact] // P-60, RES-7
    public async Task A_stream_is_not_in_use_by_the_subscriptions_that_it_has_ended_and_they_are_forgotten_after_the_time_of_grace()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(5);
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.SubscribeStreamAsync();
        PartitionSlot<StreamPartition> slot = broker.Streams.Slots.Single(static slot => slot.Id == Audit);
        await slot.Loaded!.PostAsync(new BrokenStreamCommand(), CancellationToken.None);
        await peer.ExpectPushAsync<SubscriptionClosedMessage>();
        await Patience.Until(() => slot.CountOf(PartitionUse.Subscribe) == 0);
        Session session = Assert.Single(broker.Sessions.All);
        Assert.Equal(1, session.SubscriptionCount);
        broker.Advance(TimeSpan.FromSeconds(5));
        await Patience.Until(() => session.SubscriptionCount == 0);
    }

    [Fact] // a client that reconnects again and again is not locked out by what it had
    public async Task Subscriptions_that_have_ended_make_room_for_new_ones()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(5);
        RawPeer first = await broker.ConnectAsync();
        await first.DeclareStreamAsync();
        for (int i = 0; i < StreamTags.SlotCount; i++) await first.SubscribeStreamAsync();
        await first.ExpectRefusedAsync(RawPeer.StreamSubscription(), ErrorCode.Conflict);

        RawPeer second = await broker.ResumeAsync(first.Identity);
        await second.SubscribeStreamAsync();
        Assert.Equal(StreamTags.SlotCount, Assert.Single(broker.Sessions.All).FindStreams(Audit).Length);
    }

    [Fact] // RES-3, RES-7: the connection broke
    public async Task After_a_reconnect_a_client_subscribes_anew_and_goes_on()
    {
        await using var broker = new SessionHarness();
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(5);
        RawPeer first = await broker.ConnectAsync();
        await first.DeclareStreamAsync();
        await first.PublishRecordsAsync("a", "b");
        await first.SubscribeStreamAsync(name: "billing");
        ReceivedDelivery[] deliveries = await first.ExpectDeliveriesAsync(2);
        ResumeIdentity identity = first.Identity;
        await first.DisposeAsync();

        RawPeer second = await broker.ResumeAsync(identity);
        await second.AckAsync(deliveries[0]);
        await Patience.Until(() => CursorOf(broker, "billing") == 1);
        await second.SubscribeStreamAsync(name: "billing");
        Assert.Equal(["b"], (await second.DrainDeliveriesAsync()).Select(static delivery => delivery.Text));
    }

    [Fact] // CLS-4, OPEN-12
    public async Task A_broker_that_stops_says_so_to_stream_readers_and_keeps_their_cursors()
    {
        var disk = new SimulatedFileSystem();
        await using (var broker = new SessionHarness(disk: disk))
        {
            RawPeer peer = await broker.ConnectAsync();
            await peer.DeclareStreamAsync();
            await peer.PublishRecordsAsync("a", "b");
            await peer.SubscribeStreamAsync(name: "billing");
            ReceivedDelivery[] deliveries = await peer.ExpectDeliveriesAsync(2);
            await peer.AckAsync(deliveries[0]);
            Task stopped = broker.StopAsync();
            Assert.Equal(CloseReason.BrokerShutdown, (await peer.ExpectPushAsync<SubscriptionClosedMessage>()).Code);
            await stopped;
        }

        await using var next = new SessionHarness(disk: disk.AfterPowerLoss());
        RawPeer again = await next.ConnectAsync();
        await again.SubscribeStreamAsync(name: "billing");
        Assert.Equal(["b"], (await again.DrainDeliveriesAsync()).Select(static delivery => delivery.Text));
    }

    [Fact] // P-52, F-18, FRM-18, X-20
    public async Task A_client_that_does_not_read_holds_up_nobody_and_gets_everything_when_it_does()
    {
        await using var broker = new SessionHarness(static options => options.OutputBufferBytes = 64 << 10);
        RawPeer producer = await broker.ConnectAsync();
        await producer.DeclareStreamAsync();
        RawPeer stalled = await broker.ConnectAsync();
        await stalled.SubscribeStreamAsync(name: "stalled");
        RawPeer quick = await broker.ConnectAsync();
        await quick.SubscribeStreamAsync();
        await broker.WhenIdleAsync();
        stalled.StopReading();
        var payload = new byte[16 << 10];
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal((ulong)i, await producer.PublishAsync(new TestPublish("audit") { Payload = payload }));
            Assert.Equal((ulong)i, (await quick.ExpectDeliveryAsync()).Offset);
        }

        stalled.ResumeReading();
        ReceivedDelivery[] all = await stalled.ExpectDeliveriesAsync(100);
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => (ulong)i), all.Select(static delivery => delivery.Offset));
    }

    [Fact] // S-33, S-34
    public async Task A_restarted_broker_knows_its_streams_before_anybody_publishes()
    {
        var disk = new SimulatedFileSystem();
        await using (var broker = new SessionHarness(disk: disk)) await (await broker.ConnectAsync()).DeclareStreamAsync();
        await using var next = new SessionHarness(disk: disk.AfterPowerLoss());
        RawPeer peer = await next.ConnectAsync();
        await peer.PublishAsync(new TestPublish("audit", "eu") { Text = "a" });
        Assert.Equal("audit", Assert.Single((await peer.TopologyAsync()).Streams).Topic);
        Assert.Empty((await peer.TopologyAsync()).Queues);
    }

    private static long? CursorOf(SessionHarness broker, string name) =>
        broker.Streams.DescribeAsync(Audit.Queue).GetAwaiter().GetResult().Single().Cursors.SingleOrDefault(cursor => cursor.Name == name)?.Position;
}
