using Fibril.Client;
using Fibril.Client.Routing;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.Unit.Client;

/// <summary>Finding the owner of a partition among several brokers.</summary>
public sealed class RoutingTests
{
    [Fact] // RDR-5
    public async Task A_message_goes_to_the_owner_of_its_partition_on_a_connection_of_its_own()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(2, static cluster => cluster.Topology(1, version: 4, 0, 1));
        Publisher publisher = cluster.Client.CreatePublisher("orders");
        Task<long> first = publisher.PublishAsync("x"u8, new MessageProperties { PartitionKey = "foobar" }).AsTask(); // partition 0
        SentFrame frame = await cluster.Home.ReadAsync(OpCode.Publish);
        cluster.Home.Send(frame.Id, new PublishOkMessage(1));
        Assert.Equal(1, await Patience.Wait(first));

        Task<long> second = publisher.PublishAsync("x"u8, new MessageProperties { PartitionKey = "customer-7" }).AsTask(); // partition 1
        ScriptedPeer other = await cluster.AcceptAsync(1);
        frame = await other.ReadAsync(OpCode.Publish);
        Assert.Equal((1U, 4UL), (frame.Read<PublishMessage>().Partition, frame.Read<PublishMessage>().PartitioningVersion));
        other.Send(frame.Id, new PublishOkMessage(2));
        Assert.Equal(2, await Patience.Wait(second));
        Assert.NotEqual(cluster.Home.Identity, other.Identity); // one identity per broker
    }

    [Fact] // Q-35, RDR-1, RDR-2
    public async Task A_confirmed_publish_follows_a_redirect_and_the_next_goes_there_at_once()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(2, static cluster => cluster.Topology(1, version: 4, 0));
        Publisher publisher = cluster.Client.CreatePublisher("orders");
        Task<long> publish = publisher.PublishAsync("payload"u8).AsTask();
        SentFrame frame = await cluster.Home.ReadAsync(OpCode.Publish);
        cluster.Home.Send(frame.Id, new RedirectMessage("orders", 0, null, [cluster.Address(1)], 4));
        ScriptedPeer other = await cluster.AcceptAsync(1);
        frame = await other.ReadAsync(OpCode.Publish);
        Assert.Equal("payload"u8, frame.Payload);
        Assert.Equal(4UL, frame.Read<PublishMessage>().PartitioningVersion);
        other.Send(frame.Id, new PublishOkMessage(7));
        Assert.Equal(7, await Patience.Wait(publish));

        publish = publisher.PublishAsync("x"u8).AsTask();
        frame = await other.ReadAsync(OpCode.Publish);
        other.Send(frame.Id, new PublishOkMessage(8));
        Assert.Equal(8, await Patience.Wait(publish));
    }

    [Fact]
    public async Task Brokers_that_send_a_message_round_in_circles_are_given_up_after_three_redirects()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(2, static cluster => cluster.Topology(1, version: 0, 0));
        Task<long> publish = cluster.Client.CreatePublisher("orders").PublishAsync("x"u8).AsTask();
        ScriptedPeer other = null!;
        for (int redirects = 0; redirects < 4; redirects++)
        {
            bool isHome = redirects % 2 == 0;
            if (redirects == 1) other = await cluster.AcceptAsync(1);
            SentFrame frame = await cluster.Time.PassUntilAsync((isHome ? cluster.Home : other).SkipToAsync(OpCode.Publish));
            (isHome ? cluster.Home : other).Send(frame.Id, new RedirectMessage("orders", 0, null, [cluster.Address(isHome ? 1 : 0)], 0));
        }

        var circles = await Assert.ThrowsAsync<FibrilRedirectLimitException>(() => Patience.Wait(publish));
        Assert.Equal(3, circles.Redirects);
        Assert.False(circles.IsTransient);
    }

    [Fact] // that one is lost, the next is not
    public async Task A_redirect_of_an_unconfirmed_message_corrects_the_next_one()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(2, static cluster => cluster.Topology(1, version: 0, 0));
        Publisher publisher = cluster.Client.CreatePublisher("orders");
        await publisher.SendAsync("lost"u8);
        SentFrame frame = await cluster.Home.ReadAsync(OpCode.Publish);
        cluster.Home.Send(frame.Id, new RedirectMessage("orders", 0, null, [cluster.Address(1)], 0));
        Task<TimeSpan> ping = cluster.Client.PingAsync();
        cluster.Home.Send((await cluster.Home.ReadAsync(OpCode.Ping)).Id, default(PongMessage));
        await Patience.Wait(ping);
        Task sending = publisher.SendAsync("kept"u8).AsTask();
        ScriptedPeer other = await cluster.AcceptAsync(1);
        Assert.Equal("kept", System.Text.Encoding.UTF8.GetString((await other.ReadAsync(OpCode.Publish)).Payload));
        await Patience.Wait(sending);
    }

    [Fact] // X-16, RDR-3: the push comes first, and the second attempt is by the new split
    public async Task A_message_of_an_old_split_is_sent_again_by_the_new_one()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(1, static cluster => cluster.Topology(1, version: 0, 0, 0));
        Task<long> publish = cluster.Client.CreatePublisher("orders")
            .PublishAsync("x"u8, new MessageProperties { PartitionKey = "κλειδί" }).AsTask(); // 1 of 2, 3 of 4
        SentFrame frame = await cluster.Home.ReadAsync(OpCode.Publish);
        Assert.Equal(1U, frame.Read<PublishMessage>().Partition);
        cluster.Home.Send(40, new TopologyUpdateMessage(cluster.Topology(2, version: 1, 0, 0, 0, 0)));
        cluster.Home.Send(frame.Id, new RedirectMessage("orders", 1, null, [cluster.Address(0)], 1));
        frame = await cluster.Home.SkipToAsync(OpCode.Publish);
        Assert.Equal((3U, 1UL), (frame.Read<PublishMessage>().Partition, frame.Read<PublishMessage>().PartitioningVersion));
        cluster.Home.Send(frame.Id, new PublishOkMessage(5));
        Assert.Equal(5, await Patience.Wait(publish));
    }

    [Fact] // R-74, ERR-2: after a look at the topology, with growing delays
    public async Task A_conflict_is_tried_again_after_a_look_at_the_topology()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(2, static cluster => cluster.Topology(1, version: 0, -1));
        Task<long> publish = cluster.Client.CreatePublisher("orders").PublishAsync("x"u8).AsTask();
        SentFrame frame = await cluster.Home.ReadAsync(OpCode.Publish);
        cluster.Home.SendError(frame.Id, ErrorCode.Conflict, "not the owner; the cluster converges");
        frame = await cluster.Time.PassUntilAsync(cluster.Home.SkipToAsync(OpCode.Topology));
        Assert.Equal(new TopologyMessage("orders", null), frame.Read<TopologyMessage>());
        cluster.Home.Send(frame.Id, new TopologyOkMessage(cluster.Topology(2, version: 0, 1)));
        ScriptedPeer other = await cluster.AcceptAsync(1);
        frame = await other.ReadAsync(OpCode.Publish);
        other.Send(frame.Id, new PublishOkMessage(9));
        Assert.Equal(9, await Patience.Wait(publish));
    }

    [Fact]
    public async Task A_conflict_that_stays_is_reported_when_the_time_is_over()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(
            1, static cluster => cluster.Topology(1, version: 0, -1),
            static (_, options) => options.RetryTimeout = TimeSpan.FromSeconds(3));
        DateTimeOffset start = cluster.Time.GetUtcNow();
        Task<long> publish = cluster.Client.CreatePublisher("orders").PublishAsync("x"u8).AsTask();
        Task answering = AnswerAsync();
        var conflict = await Assert.ThrowsAsync<FibrilServerException>(() => cluster.Time.PassUntilAsync(publish));
        Assert.Equal(ErrorCode.Conflict, conflict.Code);
        TimeSpan tried = cluster.Time.GetUtcNow() - start;
        Assert.True(tried >= TimeSpan.FromSeconds(2), $"after {tried}");
        cluster.Home.Dispose();
        await answering.ContinueWith(static _ => { }, TaskScheduler.Default);

        async Task AnswerAsync()
        {
            while (true)
            {
                SentFrame frame = await cluster.Home.ReadAsync();
                if (frame.OpCode == OpCode.Topology) cluster.Home.Send(frame.Id, new TopologyOkMessage(cluster.Topology(1, version: 0, -1)));
                else if (frame.OpCode == OpCode.Publish) cluster.Home.SendError(frame.Id, ErrorCode.Conflict, "not the owner");
            }
        }
    }

    [Theory] // 0 fails at once, and what stays wrong is not tried again
    [InlineData(409, 0)]
    [InlineData(400, 30)]
    [InlineData(500, 30)]
    public async Task Other_refusals_and_those_without_time_are_reported_at_once(ushort code, int seconds)
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(
            1, static cluster => cluster.Topology(1, version: 0, -1), (_, options) => options.RetryTimeout = TimeSpan.FromSeconds(seconds));
        Task<long> publish = cluster.Client.CreatePublisher("orders").PublishAsync("x"u8).AsTask();
        SentFrame frame = await cluster.Home.ReadAsync(OpCode.Publish);
        cluster.Home.SendError(frame.Id, (ErrorCode)code, "no");
        Assert.Equal(code, (ushort)(await Assert.ThrowsAsync<FibrilServerException>(() => Patience.Wait(publish))).Code);
    }

    [Fact] // R-74, TOP-4
    public async Task A_topic_that_the_cluster_does_not_know_any_more_is_not_found()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(
            2, static cluster => new TopologySnapshot(1, [.. cluster.Orders(0, 0), new QueueRoute("gone", 0, null, [cluster.Address(0)], 0, 1)], []));
        Task<long> publish = cluster.Client.CreatePublisher("gone").PublishAsync("x"u8).AsTask();
        SentFrame frame = await cluster.Home.ReadAsync(OpCode.Publish);
        cluster.Home.SendError(frame.Id, ErrorCode.Conflict, "not the owner");
        frame = await cluster.Time.PassUntilAsync(cluster.Home.SkipToAsync(OpCode.Topology));
        cluster.Home.Send(frame.Id, new TopologyOkMessage(new TopologySnapshot(2, [], [])));
        var missing = await Assert.ThrowsAsync<FibrilServerException>(() => Patience.Wait(publish));
        Assert.Equal(ErrorCode.NotFound, missing.Code);
        Assert.False(missing.IsTransient);
    }

    [Fact] // a transport failure before the message was sent; X-13: a broker that stands alone may make the queue
    public async Task A_publish_waits_for_a_broker_that_comes_back()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(ScriptedBroker.Topology(1, new QueueShape("other", null, 1, 0)));
        await session.LoseConnectionAsync();
        Task<long> publish = session.Client.CreatePublisher("orders").PublishAsync("x"u8).AsTask();
        (await session.Broker.AcceptAsync()).Abort(); // the first attempt fails
        Task<ScriptedPeer> again = session.AcceptAgainAsync(ResumeOutcome.NotFound);
        ScriptedPeer peer = await session.Time.PassUntilAsync(again);
        SentFrame frame;
        while ((frame = await peer.ReadAsync()).OpCode != OpCode.Publish)
        {
            if (frame.OpCode == OpCode.Topology)
                peer.Send(frame.Id, new TopologyOkMessage(ScriptedBroker.Topology(1, new QueueShape("other", null, 1, 0))));
        }

        peer.Send(frame.Id, new PublishOkMessage(3));
        Assert.Equal(3, await Patience.Wait(publish));
    }

    [Fact] // Q-33, TOP-9
    public async Task A_connection_to_a_broker_that_owns_nothing_any_more_is_closed()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(2, static cluster => cluster.Topology(1, version: 0, 1));
        Task<long> publish = cluster.Client.CreatePublisher("orders").PublishAsync("x"u8).AsTask();
        ScriptedPeer other = await cluster.AcceptAsync(1);
        SentFrame frame = await other.ReadAsync(OpCode.Publish);
        other.Send(frame.Id, new PublishOkMessage(1));
        await Patience.Wait(publish);
        cluster.Home.Send(40, new TopologyUpdateMessage(cluster.Topology(2, version: 0, 0)));
        await other.ReadToEndAsync();
        other.Dispose();
        Assert.Equal(2UL, (await cluster.Home.ReadAsync(OpCode.TopologyUpdateAck)).Read<TopologyUpdateAckMessage>().Generation); // TOP-6
        Assert.True(cluster.Client.IsConnected);
        RoutedBroker retired = cluster.Client.GetRouting().Brokers.Single(broker => broker.Endpoint == $"127.0.0.1:{cluster[1].Port}");
        Assert.Equal((false, false, 1), (retired.IsConnected, retired.IsHome, retired.Incarnation));

        // And comes back when it owns something again.
        cluster.Home.Send(41, new TopologyUpdateMessage(cluster.Topology(3, version: 0, 1)));
        await cluster.Home.ReadAsync(OpCode.TopologyUpdateAck);
        publish = cluster.Client.CreatePublisher("orders").PublishAsync("x"u8).AsTask();
        other = await cluster[1].AcceptAsync();
        await other.WelcomeBackAsync(ResumeOutcome.NotFound);
        frame = await other.SkipToAsync(OpCode.Publish);
        other.Send(frame.Id, new PublishOkMessage(2));
        Assert.Equal(2, await Patience.Wait(publish));
    }

    [Fact] // until a topology says otherwise
    public void A_broker_that_a_redirect_named_owns_something()
    {
        var owner = new BrokerEndpoint("elsewhere", 9876);
        var channel = new ChannelKey("orders", Group: null);
        Assert.True(RoutingTable.Empty.With(channel, ChannelRouting.Unknown.WithOwner(2, owner)).Gives(owner));
        Assert.False(RoutingTable.Empty.With(channel, routing: null).Gives(owner));
    }

    [Fact] // several endpoints: another broker of the cluster is home when the first is gone
    public async Task Another_broker_becomes_home_when_the_first_cannot_be_reached()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(
            2, static cluster => cluster.Topology(1, version: 0, -1),
            static (cluster, options) => options.FallbackEndpoints = [$"127.0.0.1:{cluster[1].Port}"]);
        await cluster[0].DisposeAsync();
        await Patience.Until(() => !cluster.Client.IsConnected);
        Task<int> declaring = cluster.Client.DeclareQueueAsync("orders");
        ScriptedPeer other = await cluster.AcceptAsync(1);
        SentFrame frame = await other.SkipToAsync(OpCode.DeclareQueue);
        other.Send(frame.Id, new DeclareQueueOkMessage("stored", 3));
        Assert.Equal(3, await Patience.Wait(declaring));
        Assert.True(cluster.Client.IsConnected);
        Assert.True(cluster.Client.GetRouting().Brokers.Single(static broker => broker.IsConnected).IsHome);
    }

    [Fact] // what changed while there was no connection was pushed to nobody
    public async Task A_broker_that_becomes_home_is_asked_for_the_topology()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(
            2, static cluster => cluster.Topology(1, version: 0, -1),
            static (cluster, options) => options.FallbackEndpoints = [$"127.0.0.1:{cluster[1].Port}"]);
        await cluster[0].DisposeAsync();
        await Patience.Until(() => !cluster.Client.IsConnected);
        Task<int> declaring = cluster.Client.DeclareQueueAsync("payments");
        ScriptedPeer other = await cluster.AcceptAsync(1);
        bool isDeclared = false;
        SentFrame frame = await other.SkipToAsync(OpCode.Topology, (peer, frame) =>
        {
            peer.Send(frame.Id, new DeclareQueueOkMessage("stored", 3));
            isDeclared = true;
        });
        other.Send(frame.Id, new TopologyOkMessage(cluster.Topology(2, version: 1, 1, 1)));
        await Patience.Until(() => cluster.Client.GetRouting().Generation == 2);
        if (!isDeclared) other.Send((await other.ReadAsync(OpCode.DeclareQueue)).Id, new DeclareQueueOkMessage("stored", 3));
        Assert.Equal(3, await Patience.Wait(declaring));
    }

    [Fact] // the routing view
    public async Task The_routing_can_be_looked_at()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(2, static cluster => cluster.Topology(7, version: 4, 0, -1, 1));
        RoutingSnapshot routing = cluster.Client.GetRouting();
        Assert.Equal(7, routing.Generation);
        RoutedChannel orders = Assert.Single(routing.Channels);
        Assert.Equal((ChannelKind.Queue, "orders", null, 4L), (orders.Kind, orders.Topic, orders.Group, orders.PartitioningVersion));
        Assert.Equal([$"127.0.0.1:{cluster[0].Port}", null, $"127.0.0.1:{cluster[1].Port}"], orders.Owners);
        RoutedBroker home = Assert.Single(routing.Brokers);
        Assert.Equal((true, true, 1), (home.IsHome, home.IsConnected, home.Incarnation));
    }
}
