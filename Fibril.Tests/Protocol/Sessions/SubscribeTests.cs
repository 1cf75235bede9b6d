using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>SUBSCRIBE: SUB-1 to SUB-4, X-2, X-3, X-6, X-7, X-15, X-18, OPEN-8.</summary>
public class SubscribeTests
{
    [Fact]
    public async Task The_reply_repeats_the_request() // 4.11, X-15
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        SubscribeOkMessage reply = await peer.SubscribeAsync("jobs", 3, "eu", 64);
        Assert.Equal(new SubscribeOkMessage(reply.SubscriptionId, "jobs", 3, "eu", 64, null, null, null), reply);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("default")]
    public async Task Group_is_spelled_as_the_subscription_spelled_it(string? group) // X-15, DLV-6, M-35
    {
        await using var broker = new SessionHarness();
        RawPeer publisher = await broker.ConnectAsync();
        await publisher.PublishAsync(new TestPublish { Text = "1" });
        await publisher.PublishAsync(new TestPublish(Group: "default") { Text = "2" });

        RawPeer peer = await broker.ConnectAsync();
        Assert.Equal(group, (await peer.SubscribeAsync(group: group)).Group);
        ReceivedDelivery first = await peer.ExpectDeliveryAsync();
        Assert.Equal(group, first.Group);

        // Some clients settle with the spelling of the delivery, others with another one of the same queue.
        await peer.AckAsync(first);
        ReceivedDelivery second = await peer.ExpectDeliveryAsync();
        Assert.Equal(("2", group), (second.Text, second.Group));
        await peer.AckAsync(second.PushId, "orders", group is null ? "default" : null, 0, second.Tag);
        await publisher.PublishAsync(new TestPublish { Text = "3" });
        Assert.Equal("3", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Theory]
    [InlineData(0U, 1U)]
    [InlineData(1U, 1U)]
    [InlineData(2U, 2U)]
    [InlineData(1_000_000U, 1_000_000U)]
    [InlineData(uint.MaxValue, uint.MaxValue)]
    public async Task Prefetch_in_force_is_the_one_asked_for_and_at_least_1(uint asked, uint effective) // X-7, M-61, V-13
    {
        await using var broker = new SessionHarness();
        RawPeer publisher = await broker.ConnectAsync();
        await publisher.PublishAllAsync("a", "b");
        RawPeer peer = await broker.ConnectAsync();
        Assert.Equal(effective, (await peer.SubscribeAsync("auto", prefetch: asked, autoAck: true)).Prefetch);
        Assert.Equal(effective, (await peer.SubscribeAsync(prefetch: asked)).Prefetch);
        await peer.ExpectDeliveriesAsync(asked > 1 ? 2 : 1);
        await peer.ExpectSilenceAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("default")]
    public async Task A_second_subscription_to_the_same_partition_is_a_conflict(string? secondGroup) // SUB-1, ERR-2, Q-49, O-10
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync();
        await peer.SendAsync(9, RawPeer.Subscription(group: secondGroup, prefetch: 5));
        string text = await peer.ExpectErrorAsync(9, ErrorCode.Conflict);
        Assert.Contains("already", text, StringComparison.Ordinal);
        await peer.SubscribeAsync(partition: 1);
        await peer.SubscribeAsync(group: "eu");

        RawPeer other = await broker.ConnectAsync();
        await other.SubscribeAsync();
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task Of_two_subscriptions_at_the_same_moment_one_is_made() // SUB-1, Q-49
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SendRawAsync((byte[])
        [
            .. FrameBytes.Of(5, RawPeer.Subscription(prefetch: 5)),
            .. FrameBytes.Of(6, RawPeer.Subscription(group: "default", prefetch: 5)),
        ]);
        ulong made = (await peer.ExpectAsync<SubscribeOkMessage>(5)).SubscriptionId;
        await peer.ExpectErrorAsync(6, ErrorCode.Conflict);
        await (await broker.ConnectAsync()).PublishAllAsync("0", "1");
        Assert.All(await peer.ExpectDeliveriesAsync(2), delivery => Assert.Equal(made, delivery.SubscriptionId));
    }

    [Fact]
    public async Task Sub_ids_are_at_least_1_and_never_come_again_in_a_session() // SUB-4, X-3
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        var ids = new HashSet<ulong>();
        for (int round = 0; round < 5; round++)
        {
            for (uint partition = 0; partition < 4; partition++) Assert.True(ids.Add((await peer.SubscribeAsync(partition: partition)).SubscriptionId));
            await peer.SendAsync(9, RawPeer.Subscription());
            await peer.ExpectErrorAsync(9, ErrorCode.Conflict);
            await peer.ReconcileAsync(ReconcilePolicy.Conservative); // drops them all
        }

        Assert.DoesNotContain(0UL, ids);
    }

    [Fact]
    public async Task Subscribing_creates_a_queue_that_nobody_declared() // PUB-4, OPEN-8, Q-16
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync("jobs", 2);
        Assert.Equal(3, (await peer.TopologyAsync("jobs")).Queues.Count);
        await peer.PublishAsync(new TestPublish("jobs", Partition: 2));
        await peer.ExpectDeliveryAsync();
    }

    [Fact]
    public async Task A_failed_subscribe_is_answered_with_error_and_not_with_subscribe_err() // X-6, OPEN-8, OPEN-10, O-10
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(count: 2);
        await peer.SendAsync(1, RawPeer.Subscription(partition: 2));
        await peer.ExpectErrorAsync(1, ErrorCode.Invalid);
        await peer.SendAsync(2, RawPeer.Subscription(partition: uint.MaxValue));
        await peer.ExpectErrorAsync(2, ErrorCode.Invalid);
        await peer.SendAsync(3, RawPeer.Subscription("undeclared", partition: 5000));
        await peer.ExpectErrorAsync(3, ErrorCode.Invalid);
        await peer.SendAsync(4, RawPeer.Subscription("Bad"));
        await peer.ExpectErrorAsync(4, ErrorCode.Invalid);
        await peer.SendAsync(5, RawPeer.Subscription() with { ConsumerGroup = "\n" });
        await peer.ExpectErrorAsync(5, ErrorCode.Invalid);
        await peer.SendAsync(6, RawPeer.Subscription() with { ConsumerGroup = "default", MemberId = Guid.Empty });
        await peer.ExpectErrorAsync(6, ErrorCode.Invalid);
        await peer.ExpectSilenceAsync();

        // None of them left anything behind.
        await peer.SubscribeAsync();
        await peer.SubscribeAsync(partition: 1);
    }

    [Fact]
    public async Task A_publish_beyond_the_count_is_refused_for_a_declared_queue_and_creates_partitions_of_another() // OPEN-8, Q-16
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(count: 2);
        Assert.Contains("2 partition", await peer.ExpectRefusedAsync(new TestPublish(Partition: 2), ErrorCode.Invalid), StringComparison.Ordinal);
        await peer.PublishAsync(new TestPublish("free", Partition: 2));
        await peer.PublishAsync(new TestPublish("free", Partition: 7));
        await peer.ExpectRefusedAsync(new TestPublish("free", Partition: 1024), ErrorCode.Invalid);
        await peer.ExpectRefusedAsync(new TestPublish("free", Partition: uint.MaxValue), ErrorCode.Invalid);
        Assert.Equal(8, (await peer.TopologyAsync("free")).Queues.Count);
    }

    [Fact]
    public async Task Cohort_fields_mean_nothing_without_a_cohort() // 4.10
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SendAsync(9, RawPeer.Subscription() with { ConsumerTarget = 3, MemberId = Guid.NewGuid() });
        SubscribeOkMessage reply = await peer.ExpectAsync<SubscribeOkMessage>(9);
        Assert.Null(reply.ConsumerGroup);
        Assert.Null(reply.MemberId); // present exactly when the cohort is
    }

    [Fact]
    public async Task A_stream_subscription_finds_no_stream_and_says_where_to_look() // O-10, 6.3, 6.4, X-6
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync("audit");
        foreach ((string topic, string hint) in new[] { ("audit", "is a queue"), ("adit", "typing error") })
        {
            await peer.SendAsync(9, new SubscribeStreamMessage(topic, 0, null, StreamStart.Latest, [], 1, false));
            string text = await peer.ExpectErrorAsync(9, ErrorCode.NotFound);
            Assert.Contains(topic, text, StringComparison.Ordinal);
            Assert.Contains(hint, text, StringComparison.Ordinal);
        }

        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task The_reply_comes_before_the_first_delivery_whatever_waits_in_the_queue() // X-2, FRM-17, V-15
    {
        await using var broker = new SessionHarness();
        RawPeer publisher = await broker.ConnectAsync();
        RawPeer peer = await broker.ConnectAsync();
        for (uint partition = 0; partition < 40; partition++)
        {
            for (int i = 0; i < 5; i++) await publisher.SendRawAsync(new TestPublish(Partition: partition) { Confirm = false }.ToFrame(1));
        }

        await publisher.ExpectSilenceAsync();

        // All requests in one write; every delivery is checked against the replies that came before it.
        await peer.SendRawAsync(Enumerable.Range(0, 40).SelectMany(static partition =>
            FrameBytes.Of((ulong)partition, RawPeer.Subscription(partition: (uint)partition, prefetch: 5))).ToArray());
        int replies = 0;
        for (int frames = 0; frames < 40 * 6; frames++)
        {
            ReceivedFrame frame = await peer.ReadAsync("a reply or a delivery");
            if (frame.OpCode == OpCode.SubscribeOk) replies++;
        }

        Assert.Equal(40, replies);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task The_reply_comes_first_also_while_others_publish_all_the_time() // X-2, V-15
    {
        await using var broker = new SessionHarness();
        RawPeer publisher = await broker.ConnectAsync();
        byte[] burst = [.. Enumerable.Range(0, 50).SelectMany(static _ => new TestPublish { Confirm = false }.ToFrame(1))];
        await publisher.SendRawAsync(burst);
        for (int round = 0; round < 30; round++)
        {
            RawPeer peer = await broker.ConnectAsync();
            Task<bool> sending = publisher.SendRawAsync(burst);
            await peer.SubscribeAsync(prefetch: 30);
            foreach (ReceivedDelivery delivery in await peer.ExpectDeliveriesAsync(30)) await peer.AckAsync(delivery);
            await sending;
            await peer.CloseAsync();
        }
    }

    [Fact]
    public async Task Subscriptions_of_several_sessions_take_turns() // SUB-2, M-64
    {
        await using var broker = new SessionHarness();
        RawPeer publisher = await broker.ConnectAsync();
        RawPeer[] peers = [await broker.ConnectAsync(), await broker.ConnectAsync(), await broker.ConnectAsync()];
        foreach (RawPeer peer in peers) await peer.SubscribeAsync(prefetch: 4);
        for (int number = 0; number < 12; number++) await publisher.PublishAsync(new TestPublish { Text = $"{number}" });

        var all = new List<string>();
        foreach (RawPeer peer in peers)
        {
            string[] got = [.. (await peer.ExpectDeliveriesAsync(4)).Select(static delivery => delivery.Text)];
            Assert.Equal(3, int.Parse(got[1]) - int.Parse(got[0]));
            all.AddRange(got);
            await peer.ExpectSilenceAsync();
        }

        Assert.Equal(12, all.Distinct().Count());
    }

    [Fact]
    public async Task Who_has_no_free_prefetch_is_passed_over() // SUB-2, M-66
    {
        await using var broker = new SessionHarness();
        RawPeer full = await broker.ConnectAsync();
        RawPeer free = await broker.ConnectAsync();
        await full.SubscribeAsync();
        await full.PublishAsync(new TestPublish { Text = "0" });
        await full.ExpectDeliveryAsync();
        await free.SubscribeAsync(prefetch: 10);
        RawPeer publisher = await broker.ConnectAsync();
        await publisher.PublishAllAsync("1", "2", "3", "4", "5");
        Assert.Equal(["1", "2", "3", "4", "5"], (await free.ExpectDeliveriesAsync(5)).Select(static delivery => delivery.Text));
        await full.ExpectSilenceAsync();
    }
}
