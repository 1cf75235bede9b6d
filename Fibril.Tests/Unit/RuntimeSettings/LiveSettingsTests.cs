using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.Cohorts;
using Fibril.Broker.RuntimeSettings;
using Fibril.Client;
using Fibril.Testing;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.RuntimeSettings;

/// <summary>What is changed takes effect in a broker that runs, without a restart or a reconnect (K-4).</summary>
public sealed class LiveSettingsTests
{
    private static readonly QueueName Orders = new("orders", null);

    [Fact] // K-4: leases of later deliveries
    public async Task A_lease_is_as_long_as_the_settings_say_when_it_begins()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        await using Subscription subscription = await client.SubscribeAsync("orders");
        await using IAsyncEnumerator<ReceivedMessage> messages = subscription.GetAsyncEnumerator();
        Fibril.Client.Publisher publisher = client.CreatePublisher("orders");
        await publisher.PublishAsync("before"u8.ToArray());
        Assert.True(await Patience.Wait(messages.MoveNextAsync().AsTask()));

        Change(broker, """{ "delivery": { "inflight_ttl_ms": 2000 } }""");
        await publisher.PublishAsync("after"u8.ToArray());
        Assert.True(await Patience.Wait(messages.MoveNextAsync().AsTask()));
        await broker.AdvanceAsync(TimeSpan.FromSeconds(3));
        Assert.True(await Patience.Wait(messages.MoveNextAsync().AsTask()));
        Assert.Equal("after", System.Text.Encoding.UTF8.GetString(messages.Current.Payload.Span));
    }

    [Fact] // K-4, I-2
    public async Task Idle_queues_go_when_the_settings_begin_to_say_so()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        await using (FibrilClient client = await broker.ConnectAsync()) await client.CreatePublisher("orders").PublishAsync("a"u8.ToArray());
        Change(broker, """{ "idle_queue_cleanup": { "enabled": true, "evict_after_ms": 0, "sweep_interval_ms": 86400000 } }""");
        await broker.AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.Single(broker.Core.Queues.Loaded);

        Change(broker, """{ "idle_queue_cleanup": { "sweep_interval_ms": 1000 } }""");
        await broker.AdvanceAsync(TimeSpan.FromSeconds(1));
        await Patience.Until(() => !broker.Core.Queues.Loaded.Any());
    }

    [Fact] // K-4, P-60
    public async Task Idle_streams_go_when_the_settings_begin_to_say_so()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        await using (FibrilClient client = await broker.ConnectAsync())
        {
            await client.DeclareStreamAsync("audit");
            await client.CreatePublisher("audit").PublishAsync("a"u8.ToArray());
        }

        Change(broker, """{ "stream": { "idle_evict_enabled": true, "idle_evict_after_ms": 0, "idle_sweep_interval_ms": 86400000 } }""");
        await broker.AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.Single(broker.Core.Streams.Loaded);

        Change(broker, """{ "stream": { "idle_sweep_interval_ms": 1000 } }""");
        await broker.AdvanceAsync(TimeSpan.FromSeconds(1));
        await Patience.Until(() => !broker.Core.Streams.Loaded.Any());
    }

    [Fact] // K-3, K-4, Q-10
    public async Task Queues_and_streams_declared_later_have_the_new_count_of_partitions()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        Assert.Equal(1, await client.DeclareQueueAsync("first"));
        Change(broker, """{ "partitioning": { "default_partition_count": 3 } }""");
        Assert.Equal(3, await client.DeclareQueueAsync("second"));
        Assert.Equal(3, await client.DeclareStreamAsync("stream"));
        Assert.Equal(1, broker.Core.Queues.Catalogue.Find(new QueueName("first", null))!.PartitionCount);
    }

    [Fact] // K-4, G-25
    public async Task Cohorts_are_planned_anew_when_the_default_target_changes()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        CohortRegistry cohorts = broker.Core.Queues.Cohorts;
        (Guid modest, Guid eager) = (Guid.NewGuid(), Guid.NewGuid());
        for (int partition = 0; partition < 4; partition++)
        {
            Assert.True(cohorts.TryJoin(Orders, "c", new Membership(modest, null, partition, Nobody.Instance), out _));
            Assert.True(cohorts.TryJoin(Orders, "c", new Membership(eager, 3, partition, Nobody.Instance), out _));
        }

        Assert.Equal((2, 2), await SharesAsync(broker, modest, eager));
        Change(broker, """{ "consumer_groups": { "default_target_per_consumer": 1 } }""");
        Assert.Equal((1, 3), await SharesAsync(broker, modest, eager));
        Change(broker, """{ "consumer_groups": { "default_target_per_consumer": null } }""");
        Assert.Equal((2, 2), await SharesAsync(broker, modest, eager));
    }

    [Fact] // K-4, R-52
    public async Task Sessions_are_saved_from_when_the_settings_say_so()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        Change(broker, """{ "connection": { "resume_session_restart_ttl_ms": 0, "reconnect_grace_ms": 60000 } }""");
        (Guid client, Guid token) = (Guid.NewGuid(), Guid.NewGuid());
        broker.Core.Sessions.Sessions.Store.Put(client, token, "fibril");
        await broker.AdvanceAsync(TimeSpan.FromSeconds(30));
        Change(broker, """{ "connection": { "resume_session_restart_ttl_ms": 60000 } }""");
        await broker.AdvanceAsync(TimeSpan.FromSeconds(1));
        await broker.CrashAsync();
        Assert.NotNull(broker.Core.Sessions.Sessions.Store.Find(client, token));
    }

    [Fact] // K-4, R-10
    public async Task A_connection_that_breaks_leaves_its_session_for_as_long_as_the_settings_say_then()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(8);
        await peer.ResetAsync();
        broker.Advance(TimeSpan.FromSeconds(7));
        Assert.Single(broker.Sessions.All);
        broker.Advance(TimeSpan.FromSeconds(1));
        await broker.WhenIdleAsync();
        Assert.Empty(broker.Sessions.All);
    }

    [Fact] // K-4, D-3, F-60
    public async Task A_wait_for_a_delay_looks_at_the_wall_clock_as_often_as_the_settings_say()
    {
        var time = new JumpingTimeProvider();
        var delivery = new Fibril.Broker.Queues.DeliveryOptions { DelayPollInterval = TimeSpan.FromHours(1) };
        await using SessionHarness broker = SessionHarness.WithoutPushes(delivery: delivery, time: time);
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync();
        await peer.PublishAsync(new TestPublish { Text = "later", NotBefore = broker.NowMs + 600_000 });
        time.Jump(TimeSpan.FromMinutes(10));
        broker.Advance(TimeSpan.FromSeconds(5));
        await peer.ExpectSilenceAsync();

        delivery.DelayPollInterval = TimeSpan.FromSeconds(1);
        broker.Queues.DeliveryChanged();
        await broker.WhenIdleAsync();
        broker.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("later", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Fact] // K-4, I-20, I-21
    public async Task A_publisher_counts_for_as_long_as_the_settings_say_now()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("a");
        var partition = new PartitionId(Orders, 0);
        broker.Advance(TimeSpan.FromMinutes(6));
        await peer.PingAsync();
        Assert.Equal(1, broker.Queues.FindSlot(partition)!.CountOf(Fibril.Broker.Channels.Slots.PartitionUse.Publish));
        broker.Options.PublisherIdleTimeout = TimeSpan.FromMinutes(5);
        await peer.PingAsync();
        Assert.Equal(0, broker.Queues.FindSlot(partition)!.CountOf(Fibril.Broker.Channels.Slots.PartitionUse.Publish));
    }

    [Fact] // K-2: over restarts
    public async Task Settings_are_in_effect_before_anything_serves_after_a_restart()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync(static options => options.DefaultPartitionCount = 2);
        Change(broker, """{ "partitioning": { "default_partition_count": 5 } }""");
        await broker.CrashAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        Assert.Equal(5, await client.DeclareQueueAsync("orders"));
    }

    private static void Change(FibrilTestBroker broker, string json) =>
        Assert.Equal(UpdateOutcome.Updated, broker.Core.Settings.Put(json).Outcome);

    private static async Task<(int, int)> SharesAsync(FibrilTestBroker broker, Guid one, Guid other)
    {
        await broker.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        CohortReport report = broker.Core.Queues.Cohorts.Report(Orders, 4)!;
        int Share(Guid member) => report.Members.Single(known => known.Id == member).Assigned.Count;
        return (Share(one), Share(other));
    }

    /// <summary>Hears of assignments and does nothing about them.</summary>
    private sealed class Nobody : IAssignmentSink
    {
        public static Nobody Instance { get; } = new();

        public void Assigned(QueueName queue, string cohort, ulong generation, IReadOnlyList<int> partitions)
        {
        }

        public void Left(QueueName queue, string cohort)
        {
        }
    }
}
