using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>DECLARE_QUEUE: DCL-1 to DCL-4, OPEN-3, OPEN-14.</summary>
public class DeclareTests
{
    [Fact]
    public async Task Declaring_is_idempotent_on_any_connection() // DCL-1, Q-13
    {
        await using var broker = new SessionHarness();
        RawPeer one = await broker.ConnectAsync();
        RawPeer other = await broker.ConnectAsync();
        Assert.Equal(4U, await one.DeclareAsync(count: 4, maxRetries: 2));
        Assert.Equal(4U, await one.DeclareAsync(count: 4, maxRetries: 2));
        Assert.Equal(4U, await other.DeclareAsync(count: 4, maxRetries: 2));
        Assert.Equal(1, broker.Queues.Catalogue.Count);
    }

    [Theory]
    [InlineData(null, 1, 1U)]
    [InlineData(null, 3, 3U)]
    [InlineData(0U, 3, 1U)]
    [InlineData(1U, 3, 1U)]
    [InlineData(7U, 3, 7U)]
    public async Task A_new_queue_has_the_count_asked_for_or_the_default(uint? asked, int defaultCount, uint effective) // DCL-2, Q-10, Q-11
    {
        await using SessionHarness broker =
            SessionHarness.WithoutPushes(delivery: new Fibril.Broker.Queues.DeliveryOptions { DefaultPartitionCount = defaultCount });
        RawPeer peer = await broker.ConnectAsync();
        Assert.Equal(effective, await peer.DeclareAsync(count: asked));
    }

    [Fact]
    public async Task A_larger_count_adds_partitions_and_nothing_removes_them() // DCL-2, Q-11, Q-12, Q-19
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        Assert.Equal(2U, await peer.DeclareAsync(count: 2));
        await peer.ExpectRefusedAsync(new TestPublish(Partition: 3), ErrorCode.Invalid);

        Assert.Equal(4U, await peer.DeclareAsync(count: 4));
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish(Partition: 3)));
        Assert.Equal(4U, await peer.DeclareAsync(count: 2));
        Assert.Equal(4U, await peer.DeclareAsync(count: 0));
        Assert.Equal(4U, await peer.DeclareAsync());
        Assert.Equal(4, (await peer.TopologyAsync()).Queues.Count);
        Assert.Equal(1UL, await peer.PublishAsync(new TestPublish(Partition: 3)));
    }

    [Fact]
    public async Task Declaring_a_queue_that_came_into_being_by_use_keeps_its_messages_and_partitions()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish(Partition: 2) { Text = "early" });
        Assert.Equal(3U, await peer.DeclareAsync(count: 1));
        await peer.SubscribeAsync(partition: 2);
        Assert.Equal("early", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Theory]
    [InlineData(1025U)]
    [InlineData(uint.MaxValue)]
    public async Task A_count_beyond_the_limit_is_refused_with_the_limit(uint count) // OPEN-14
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SendAsync(5, new DeclareQueueMessage("orders", null, null, null, count, null));
        Assert.Contains("1024", await peer.ExpectErrorAsync(5, ErrorCode.Invalid), StringComparison.Ordinal);
        await peer.ExpectSilenceAsync();
        Assert.Equal(0, broker.Queues.Catalogue.Count);
        Assert.Equal(1024U, await peer.DeclareAsync(count: 1024));
    }

    [Fact]
    public async Task Settings_apply_to_every_partition_at_once_and_absent_ones_stay() // DCL-3, Q-13, D-34, M-45
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(count: 2, maxRetries: 0, ttlMs: 1_000);
        for (uint partition = 0; partition < 2; partition++)
        {
            await peer.PublishAsync(new TestPublish(Partition: partition) { Text = "short" });
            await peer.SubscribeAsync(partition: partition);
            await peer.NackAsync(await peer.ExpectDeliveryAsync(), requeue: true);
            await peer.ExpectSilenceAsync(); // retries used up
        }

        await peer.DeclareAsync(maxRetries: 1);
        for (uint partition = 0; partition < 2; partition++)
        {
            await peer.PublishAsync(new TestPublish(Partition: partition) { Text = "again" });
            await peer.NackAsync(await peer.ExpectDeliveryAsync(), requeue: true);
            Assert.Equal("1", (await peer.ExpectDeliveryAsync()).Retries);

            // The time to live is still the one declared first: what is published behind the delivery expires.
            await peer.PublishAsync(new TestPublish(Partition: partition) { Text = "expires" });
        }

        broker.Time.Advance(TimeSpan.FromSeconds(2));
        await peer.ExpectSilenceAsync();
        await peer.CloseAsync();
        RawPeer next = await broker.ConnectAsync();
        for (uint partition = 0; partition < 2; partition++) await next.SubscribeAsync(partition: partition);
        await next.ExpectSilenceAsync();
    }

    [Fact]
    public async Task Settings_belong_to_one_group() // DCL-3, NAM-4, Q-1
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(group: "eu", maxRetries: 0);
        foreach (string? group in new[] { null, "eu" })
        {
            await peer.PublishAsync(new TestPublish(Group: group));
            await peer.SubscribeAsync(group: group);
            await peer.NackAsync(await peer.ExpectDeliveryAsync(), requeue: true);
            if (group is null) await peer.AckAsync(await peer.ExpectDeliveryAsync());
            await peer.ExpectSilenceAsync();
        }
    }

    [Fact]
    public async Task Without_a_limit_there_is_none() // OPEN-3, M-42
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync();
        await peer.PublishAsync(new TestPublish());
        await peer.SubscribeAsync();
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        for (int retry = 1; retry <= 50; retry++)
        {
            await peer.NackAsync(delivery, requeue: true);
            delivery = await peer.ExpectDeliveryAsync();
            Assert.Equal($"{retry}", delivery.Retries);
        }
    }

    [Fact]
    public async Task A_declaration_is_answered_when_it_is_durable_and_survives_a_power_loss() // DCL-1, S-34
    {
        var disk = new SimulatedFileSystem();
        await using (var broker = new SessionHarness(disk: disk))
        {
            RawPeer peer = await broker.ConnectAsync();
            long handshakeBytes = peer.ReceivedBytes;
            broker.StallSyncs();
            await peer.SendAsync(5, new DeclareQueueMessage("orders", "eu", DeadLetterPolicy.Custom("orders.dead", "eu"), 3, 5, 60_000));
            RawPeer other = await broker.ConnectAsync();
            for (int i = 0; i < 5; i++) await other.PingAsync();
            Assert.Equal(handshakeBytes, peer.ReceivedBytes);

            broker.ResumeSyncs();
            Assert.Equal(5U, (await peer.ExpectAsync<DeclareQueueOkMessage>(5)).PartitionCount);
            disk = disk.AfterPowerLoss();
        }

        await using var again = new SessionHarness(disk: disk);
        RawPeer next = await again.ConnectAsync();
        Assert.Equal(5, (await next.TopologyAsync("orders", "eu")).Queues.Count);
        Assert.Equal(5U, await next.DeclareAsync(group: "eu"));
        Assert.Equal(3, again.Queues.Catalogue.All.Single().Settings.MaxRetries);
        Assert.Equal(60_000, again.Queues.Catalogue.All.Single().Settings.DefaultTtlMs);
        Assert.Equal(DeadLetterPolicy.Custom("orders.dead", "eu"), again.Queues.Catalogue.All.Single().Settings.DeadLetterPolicy);
    }

    [Fact]
    public async Task An_answer_does_not_wait_for_the_declaration_behind_it() // FRM-2
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        broker.StallSyncs();
        await peer.SendRawAsync((byte[])
        [
            .. FrameBytes.Of(5, default(PingMessage)),
            .. FrameBytes.Of(6, new DeclareQueueMessage("orders", null, null, null, null, null)),
        ]);
        await peer.ExpectAsync<PongMessage>(5);
        broker.ResumeSyncs();
        await peer.ExpectAsync<DeclareQueueOkMessage>(6);
    }

    [Fact]
    public async Task A_catalogue_that_cannot_be_written_gives_error_500_with_a_trace_that_is_in_the_log() // O-10, 6.3, 6.4
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        broker.FailSyncs = true;
        await peer.SendAsync(5, new DeclareQueueMessage("orders", null, null, null, null, null));
        string text = await peer.ExpectErrorAsync(5, ErrorCode.ServerFault);
        ServerFaultText.AssertNamesTheBrokerAndATrace(text, broker.Log);
        await peer.ExpectSilenceAsync();
    }

    [Theory]
    [InlineData("NOT A NAME", null)]
    [InlineData("orders.dead", "..")]
    [InlineData("", null)]
    public async Task A_dead_letter_target_must_be_a_name(string topic, string? group) // Q-7, 6.3
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SendAsync(5, new DeclareQueueMessage("orders", null, DeadLetterPolicy.Custom(topic, group), null, null, null));
        await peer.ExpectErrorAsync(5, ErrorCode.Invalid);
        Assert.Equal(0, broker.Queues.Catalogue.Count);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(null, "default")]
    [InlineData("", null)]
    [InlineData("eu", "eu")]
    public async Task A_queue_cannot_be_its_own_dead_letter_target(string? group, string? targetGroup) // D-38, 6.3, NAM-3
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SendAsync(5, new DeclareQueueMessage("orders", group, DeadLetterPolicy.Custom("orders", targetGroup), null, null, null));
        await peer.ExpectErrorAsync(5, ErrorCode.Invalid);
        await peer.DeclareAsync(group: group, policy: DeadLetterPolicy.Custom("orders", "dead"));
    }
}
