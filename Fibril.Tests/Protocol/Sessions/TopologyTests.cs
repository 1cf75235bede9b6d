using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>TOPOLOGY and its pushes on a standalone broker that publishes its queues: TOP-1, TOP-4, TOP-5, TOP-7, X-12, X-13.</summary>
public class TopologyTests
{
    [Fact]
    public async Task A_new_broker_has_an_empty_topology() // TOP-1
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        TopologySnapshot topology = await peer.TopologyAsync();
        Assert.Equal(0UL, topology.Generation);
        Assert.Empty(topology.Queues);
        Assert.Empty(topology.Streams);
    }

    [Fact]
    public async Task Everything_is_every_partition_of_every_queue_without_endpoints() // TOP-4, X-13, Q-26, Q-30, 4.28
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync("orders", count: 3);
        await peer.DeclareAsync("orders", "eu", count: 2);
        await peer.PublishAsync(new TestPublish("made.by.use", "default", 1));

        TopologySnapshot topology = await peer.TopologyAsync();
        Assert.Equal(
            [
                ("made.by.use", null, 0U, 2U), ("made.by.use", null, 1U, 2U),
                ("orders", null, 0U, 3U), ("orders", null, 1U, 3U), ("orders", null, 2U, 3U),
                ("orders", "eu", 0U, 2U), ("orders", "eu", 1U, 2U),
            ],
            Sorted(topology));
        Assert.Empty(topology.Streams);
        Assert.All(topology.Queues, static route => Assert.Empty(route.OwnerEndpoints));
        Assert.All(topology.Queues, static route => Assert.Equal(0UL, route.PartitioningVersion));
    }

    [Theory]
    [InlineData("orders", null, 5)]
    [InlineData("orders", "eu", 2)]
    [InlineData("orders", "default", 3)]
    [InlineData("orders", "", 3)]
    [InlineData("orders", "us", 0)]
    [InlineData("jobs", null, 1)]
    [InlineData("jobs", "eu", 0)]
    [InlineData("order", null, 0)]
    [InlineData("ORDERS", null, 0)]
    [InlineData("", null, 0)]
    [InlineData("o*", null, 0)]
    [InlineData(null, "eu", 6)]
    [InlineData(null, null, 6)]
    public async Task The_filter_is_exact(string? topic, string? group, int partitions) // V-27, TOP-1, 4.27
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync("orders", count: 3);
        await peer.DeclareAsync("orders", "eu", count: 2);
        await peer.DeclareAsync("jobs");
        TopologySnapshot topology = await peer.TopologyAsync(topic, group);
        Assert.Equal(partitions, topology.Queues.Count);
        Assert.Equal((await peer.TopologyAsync()).Generation, topology.Generation);
    }

    [Fact]
    public async Task An_older_standalone_broker_is_imitated_when_configured() // TOP-3, Q-26
    {
        await using var broker = new SessionHarness(static options => options.StandaloneTopology = false);
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(count: 3);
        foreach (string? topic in new[] { null, "orders" })
        {
            TopologySnapshot topology = await peer.TopologyAsync(topic);
            Assert.Equal(0UL, topology.Generation);
            Assert.Empty(topology.Queues);
        }

        broker.Advance(TimeSpan.FromSeconds(3));
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_change_is_pushed_whole_to_every_connection_within_about_a_second() // TOP-5
    {
        await using var broker = new SessionHarness();
        RawPeer declarer = await broker.ConnectAsync();
        await declarer.DeclareAsync("first");
        RawPeer filtering = await ReadyAsync(broker);
        RawPeer other = await ReadyAsync(broker);
        await filtering.TopologyAsync("first");

        await declarer.DeclareAsync("second", "eu", 2);
        broker.Time.Advance(TimeSpan.FromSeconds(1));
        foreach (RawPeer peer in new[] { filtering, other, declarer })
        {
            TopologySnapshot pushed = (await peer.ExpectPushAsync<TopologyUpdateMessage>()).Snapshot;
            Assert.Equal([("first", null, 0U, 1U), ("second", "eu", 0U, 2U), ("second", "eu", 1U, 2U)], Sorted(pushed));
            TopologySnapshot asked = await peer.TopologyAsync();
            Assert.Equal(asked.Generation, pushed.Generation);
            Assert.Equal(Sorted(asked), Sorted(pushed));
            await peer.SendAsync(pushed.Generation, new TopologyUpdateAckMessage(pushed.Generation));
        }

        // Once is enough.
        broker.Time.Advance(TimeSpan.FromSeconds(3));
        foreach (RawPeer peer in new[] { filtering, other, declarer }) await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task Growth_and_creation_by_use_are_changes() // TOP-5
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await ReadyAsync(broker);
        RawPeer other = await broker.ConnectAsync();
        (Func<Task> Change, int Partitions)[] changes =
        [
            (() => other.DeclareAsync("orders"), 1),
            (() => other.DeclareAsync("orders", count: 4), 4),
            (() => other.PublishAsync(new TestPublish("used")), 5),
            (() => other.SubscribeAsync("used", 2), 7),
        ];
        ulong generation = 0;
        foreach ((Func<Task> change, int partitions) in changes)
        {
            await change();
            broker.Time.Advance(TimeSpan.FromSeconds(1));
            TopologySnapshot pushed = (await peer.ExpectPushAsync<TopologyUpdateMessage>()).Snapshot;
            Assert.Equal(partitions, pushed.Queues.Count);
            Assert.True(pushed.Generation > generation, "X-12: a change without a new generation.");
            generation = pushed.Generation;
            await other.ExpectPushAsync<TopologyUpdateMessage>();
        }
    }

    [Fact]
    public async Task What_is_no_change_of_the_routing_is_not_pushed() // V-27, TOP-5: not on a bare change of settings
    {
        await using var broker = new SessionHarness();
        RawPeer other = await broker.ConnectAsync();
        await other.PublishAsync(new TestPublish(Partition: 1));
        RawPeer peer = await ReadyAsync(broker);
        await other.DeclareAsync(count: 2);                      // declared now, the count as it was
        await other.DeclareAsync(count: 1);
        await other.DeclareAsync(maxRetries: 7, ttlMs: 60_000);  // settings only
        await other.DeclareAsync(policy: DeadLetterPolicy.Discard);
        await other.PublishAsync(new TestPublish());
        broker.Time.Advance(TimeSpan.FromSeconds(2));
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_connection_is_told_nothing_it_found_at_its_login() // TOP-5
    {
        await using var broker = new SessionHarness();
        RawPeer other = await broker.ConnectAsync();
        await other.DeclareAsync();
        RawPeer peer = await ReadyAsync(broker);
        broker.Time.Advance(TimeSpan.FromSeconds(3));
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_connection_is_told_nothing_it_has_just_asked_for()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await ReadyAsync(broker);
        await peer.DeclareAsync();
        Assert.Single((await peer.TopologyAsync()).Queues);
        broker.Time.Advance(TimeSpan.FromSeconds(3));
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task Acknowledgements_of_any_generation_are_taken_and_the_highest_counts() // TOP-6, TOP-7, V-27
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await ReadyAsync(broker);
        foreach ((ulong generation, ulong counts) in new (ulong, ulong)[] { (0, 0), (5, 5), (1, 5), (ulong.MaxValue, ulong.MaxValue), (7, ulong.MaxValue) })
        {
            await peer.SendAsync(40, new TopologyUpdateAckMessage(generation));
            await peer.ExpectSilenceAsync();
            Assert.Equal(counts, Assert.Single(broker.Connections.All).AcknowledgedGeneration);
        }

        await peer.DeclareAsync();
        broker.Time.Advance(TimeSpan.FromSeconds(1));
        await peer.ExpectPushAsync<TopologyUpdateMessage>();
    }

    [Fact]
    public async Task The_generation_never_goes_back_across_a_restart()
    {
        var disk = new SimulatedFileSystem();
        ulong before;
        await using (var broker = new SessionHarness(disk: disk))
        {
            RawPeer peer = await broker.ConnectAsync();
            for (uint count = 1; count <= 5; count++) await peer.DeclareAsync(count: count);
            await peer.DeclareAsync(ttlMs: 5);
            before = (await peer.TopologyAsync()).Generation;
            disk = disk.AfterPowerLoss();
        }

        await using var again = new SessionHarness(disk: disk);
        RawPeer next = await again.ConnectAsync();
        TopologySnapshot after = await next.TopologyAsync();
        Assert.Equal(5, after.Queues.Count);
        Assert.True(after.Generation >= before);
        await next.DeclareAsync("another");
        Assert.True((await next.TopologyAsync()).Generation > after.Generation);
    }

    [Fact]
    public async Task Who_does_not_read_holds_nobody_up_and_sees_the_newest_in_the_end()
    {
        await using var broker = new SessionHarness(static options => options.HeartbeatInterval = TimeSpan.FromHours(1));
        RawPeer slow = await ReadyAsync(broker);
        RawPeer other = await ReadyAsync(broker);
        slow.StopReading();
        for (int change = 0; change < 5; change++)
        {
            await other.DeclareAsync($"queue-{change}");
            broker.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(change + 1, (await other.ExpectPushAsync<TopologyUpdateMessage>()).Snapshot.Queues.Count);
        }

        slow.ResumeReading();
        ulong newest = 0;
        while (newest < (await other.TopologyAsync()).Generation)
        {
            ulong pushed = (await slow.ExpectPushAsync<TopologyUpdateMessage>()).Snapshot.Generation;
            Assert.True(pushed > newest);
            newest = pushed;
        }
    }

    [Fact]
    public async Task Changes_do_not_pile_up_for_who_does_not_read()
    {
        const int RoomBytes = 64 << 10;
        await using var broker = new SessionHarness(static options =>
        {
            options.HeartbeatInterval = TimeSpan.FromHours(1);
            options.OutputBufferBytes = RoomBytes;
        });
        RawPeer slow = await ReadyAsync(broker);
        RawPeer other = await ReadyAsync(broker);
        slow.StopReading();
        await other.DeclareAsync("wide", count: 1000);
        for (int change = 0; change < 20; change++)
        {
            await other.DeclareAsync($"queue-{change}");
            broker.Time.Advance(TimeSpan.FromSeconds(1));
            await other.ExpectPushAsync<TopologyUpdateMessage>();
        }

        Assert.InRange(slow.WrittenByBrokerBytes, 0, 2 * RoomBytes);
        slow.ResumeReading();
        ulong newest;
        do
        {
            broker.Time.Advance(TimeSpan.FromSeconds(1));
            newest = (await slow.ExpectPushAsync<TopologyUpdateMessage>()).Snapshot.Generation;
        }
        while (newest < (await other.TopologyAsync()).Generation);
    }

    /// <summary>A connection whose handshake window is closed, without having asked for the topology.</summary>
    private static async Task<RawPeer> ReadyAsync(SessionHarness broker)
    {
        RawPeer peer = await broker.ConnectAsync();
        await peer.TopologyAsync("none");
        return peer;
    }

    private static (string Topic, string? Group, uint Partition, uint Count)[] Sorted(TopologySnapshot topology) =>
    [
        .. topology.Queues.Select(static route => (route.Topic, route.Group, route.Partition, route.PartitionCount))
            .OrderBy(static route => route.Topic, StringComparer.Ordinal).ThenBy(static route => route.Group, StringComparer.Ordinal)
            .ThenBy(static route => route.Partition),
    ];
}
