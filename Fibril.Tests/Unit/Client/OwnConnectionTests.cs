using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Client;

/// <summary>Subscriptions that settle by themselves, and others that ask for it, have a connection of their own.</summary>
public sealed class OwnConnectionTests
{
    [Fact] // M-72
    public async Task There_is_nothing_to_settle_when_the_broker_settles()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (Subscription subscription, ScriptedPeer peer) = await SubscribeAsync(session, new SubscribeOptions { AutoAck = true });
        peer.Deliver(1, subscriptionId: 1, tag: 5);
        ReceivedMessage message = await subscription.ReadOneAsync();
        Assert.True(message.IsSettled);
        await Assert.ThrowsAsync<InvalidOperationException>(() => message.CompleteAsync().AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => message.RetryAfterAsync(TimeSpan.Zero).AsTask());
    }

    [Fact] // DLV-7: the socket is the brake
    public async Task A_reader_that_does_not_read_stops_its_own_connection_and_no_other()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (Subscription subscription, ScriptedPeer peer) = await SubscribeAsync(session, new SubscribeOptions { AutoAck = true, Prefetch = 4 });
        byte[] payload = new byte[64 << 10];
        const int Count = 1000; // more than the sockets take
        Task sending = Task.Run(() =>
        {
            for (ulong tag = 1; tag <= Count; tag++) peer.Deliver(tag, subscriptionId: 1, tag, payload);
        });
        await SubscriptionTests.PingAsync(session);
        Assert.False(sending.IsCompleted);

        IEnumerable<long> offsets = await SubscriptionTests.ReadOffsetsAsync(subscription, Count);
        Assert.Equal(Enumerable.Range(1, Count).Select(offset => (long)offset), offsets); // none lost
        await Patience.Wait(sending);
    }

    [Fact] // the room is shared by all partitions, whose deliveries may come in one read
    public async Task A_reader_that_does_not_read_loses_nothing_of_any_partition()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(ScriptedBroker.Topology(1, new QueueShape("orders", null, 2, 0)));
        (Subscription subscription, ScriptedPeer peer) = await SubscribeAsync(session, new SubscribeOptions { AutoAck = true, Prefetch = 4 }, partitionCount: 2);
        var deliveries = new List<byte>();
        for (ulong tag = 1; tag <= 14; tag++) deliveries.AddRange(ScriptedPeer.Delivery(tag, subscriptionId: tag <= 7 ? 1UL : 2UL, tag));
        peer.SendBytes([.. deliveries]);
        Assert.Equal(Enumerable.Range(1, 14).Select(offset => (long)offset), await SubscriptionTests.ReadOffsetsAsync(subscription, 14));
    }

    [Fact] // nobody can read before the last partition has answered, so until then nobody waits for the reader
    public async Task A_backlog_of_the_first_partition_does_not_hold_up_the_answers_of_the_others()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(ScriptedBroker.Topology(1, new QueueShape("orders", null, 2, 0)));
        Task<Subscription> subscribing = session.Client.SubscribeAsync("orders", new SubscribeOptions { AutoAck = true, Prefetch = 1 });
        ScriptedPeer peer = await session.Broker.AcceptAsync();
        await peer.WelcomeWithoutTopologyAsync();
        await peer.AcceptSubscriptionAsync(1);
        for (ulong tag = 1; tag <= 20; tag++) peer.Deliver(tag, subscriptionId: 1, tag);
        await peer.AcceptSubscriptionAsync(2);
        Subscription subscription = await Patience.Wait(subscribing);
        for (ulong tag = 21; tag <= 30; tag++) peer.Deliver(tag, subscriptionId: 2, tag);
        Assert.Equal(Enumerable.Range(1, 30).Select(offset => (long)offset), await SubscriptionTests.ReadOffsetsAsync(subscription, 30));
    }

    [Fact]
    public async Task Who_does_not_listen_does_not_complain_about_silence()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (Subscription subscription, ScriptedPeer peer) = await SubscribeAsync(session, new SubscribeOptions { AutoAck = true, Prefetch = 1 });
        peer.Deliver(1, subscriptionId: 1, tag: 1);
        peer.Deliver(2, subscriptionId: 1, tag: 2);
        await Patience.Until(() => subscription.HoldsUpItsConnection);
        for (int i = 0; i < 6; i++)
        {
            session.Time.Advance(TimeSpan.FromSeconds(5));
            await peer.ReadAsync(OpCode.Ping); // still sends
            await session.Peer.ReadAsync(OpCode.Ping);
            session.Peer.Send(1, default(PongMessage));
            await SubscriptionTests.PingAsync(session);
        }

        Assert.Equal([1L, 2L], await SubscriptionTests.ReadOffsetsAsync(subscription, 2));
    }

    [Fact]
    public async Task Disposing_the_subscription_closes_its_connection_after_its_settlements_were_sent()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (Subscription subscription, ScriptedPeer peer) = await SubscribeAsync(session, new SubscribeOptions { OwnConnection = true });
        peer.Deliver(1, subscriptionId: 1, tag: 5);
        ReceivedMessage message = await subscription.ReadOneAsync();
        await message.CompleteAsync();
        Task disposing = subscription.DisposeAsync().AsTask();
        await peer.ReadAsync(OpCode.Ack);
        await peer.ReadToEndAsync();
        peer.Dispose();
        await Patience.Wait(disposing);
        await SubscriptionTests.PingAsync(session); // the other one goes on
    }

    [Fact]
    public async Task Disposing_the_client_closes_the_connections_of_its_subscriptions()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (Subscription subscription, ScriptedPeer peer) = await SubscribeAsync(session, new SubscribeOptions { AutoAck = true, Prefetch = 1 });
        for (ulong tag = 1; tag <= 3; tag++) peer.Deliver(tag, subscriptionId: 1, tag); // and the loop waits for its reader
        Task disposing = session.Client.DisposeAsync().AsTask();
        await peer.ReadToEndAsync();
        peer.Dispose();
        await session.Peer.ReadToEndAsync();
        session.Peer.Dispose();
        await Patience.Wait(disposing);
        Assert.Empty(await SubscriptionTests.ReadAsync(subscription, 1));
    }

    [Fact]
    public async Task Losing_the_own_connection_ends_the_subscription_alone()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (Subscription subscription, ScriptedPeer peer) = await SubscribeAsync(session, new SubscribeOptions { OwnConnection = true, Supervised = false });
        peer.Abort();
        await Assert.ThrowsAsync<FibrilConnectionException>(() => SubscriptionTests.ReadAsync(subscription, 1));
        Assert.True(session.Client.IsConnected);
    }

    [Fact] // the broker has settled them: what is on its way when a partition moves would be lost
    public async Task What_the_former_owner_still_delivers_is_read()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(2, static cluster => cluster.Topology(1, version: 0, 1));
        Task<Subscription> subscribing = cluster.Client.SubscribeAsync("orders", new SubscribeOptions { AutoAck = true, Prefetch = 1 });
        ScriptedPeer former = await cluster.AcceptAsync(1);
        await former.AcceptSubscriptionAsync(1);
        Subscription subscription = await Patience.Wait(subscribing);
        cluster.Home.Send(40, new TopologyUpdateMessage(cluster.Topology(2, version: 0, 0)));
        await former.ReadToEndAsync();
        ScriptedPeer owner = await cluster.AcceptAsync(0);
        await owner.AcceptSubscriptionAsync(1);
        for (ulong tag = 5; tag <= 7; tag++) former.Deliver(tag, subscriptionId: 1, tag);
        former.Dispose();
        IEnumerable<long> offsets = await SubscriptionTests.ReadOffsetsAsync(subscription, 3);
        Assert.Equal([5L, 6L, 7L], offsets);
        owner.Deliver(1, subscriptionId: 1, tag: 8);
        Assert.Equal([8L], await SubscriptionTests.ReadOffsetsAsync(subscription, 1));
    }

    [Fact]
    public async Task What_had_arrived_when_the_connection_broke_is_read_also_when_it_waited_for_room()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (Subscription subscription, ScriptedPeer peer) = await SubscribeAsync(
            session, new SubscribeOptions { AutoAck = true, Prefetch = 1, Supervised = false });
        peer.SendBytes([.. ScriptedPeer.Delivery(1, 1, tag: 1), .. ScriptedPeer.Delivery(2, 1, tag: 2), .. ScriptedPeer.Delivery(3, 1, tag: 3)]);
        await Patience.Until(() => subscription.HoldsUpItsConnection);
        peer.Abort();
        session.Time.Advance(ProtocolDefaults.HeartbeatInterval); // only who sends notices
        await Patience.Wait(subscription.Completion);
        await using IAsyncEnumerator<ReceivedMessage> reader = subscription.GetAsyncEnumerator();
        for (int offset = 1; offset <= 3; offset++)
        {
            Assert.True(await Patience.Wait(reader.MoveNextAsync()));
            Assert.Equal(offset, reader.Current.Offset);
        }

        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(reader.MoveNextAsync()));
    }

    [Fact] // the answer may be there, behind what waits for the reader
    public async Task A_partition_that_is_added_while_the_reader_is_slow_is_not_given_up()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(1, static cluster => cluster.Topology(1, version: 0, 0));
        Task<Subscription> subscribing = cluster.Client.SubscribeAsync("orders", new SubscribeOptions { AutoAck = true, Prefetch = 1 });
        ScriptedPeer peer = await cluster.AcceptAsync(0);
        await peer.AcceptSubscriptionAsync(1);
        Subscription subscription = await Patience.Wait(subscribing);
        for (ulong tag = 1; tag <= 3; tag++) peer.Deliver(tag, subscriptionId: 1, tag); // room for two, when there are two partitions
        cluster.Home.Send(40, new TopologyUpdateMessage(cluster.Topology(2, version: 1, 0, 0)));
        SentFrame added = await peer.SkipToAsync(OpCode.Subscribe);
        await Patience.Until(() => subscription.HoldsUpItsConnection);
        for (int i = 0; i < 7; i++)
        {
            cluster.Time.Advance(ProtocolDefaults.HeartbeatInterval);
            await peer.SkipToAsync(OpCode.Ping);
            await cluster.Home.SkipToAsync(OpCode.Ping);
            cluster.Home.Send(1, default(PongMessage));
            await PingHomeAsync(cluster);
        }

        peer.Send(added.Id, new SubscribeOkMessage(2, "orders", 1, null, 1, null, null, null));
        peer.Deliver(4, subscriptionId: 2, tag: 4, partition: 1);
        Assert.Equal([1L, 2L, 3L, 4L], await SubscriptionTests.ReadOffsetsAsync(subscription, 4));
    }

    private static async Task PingHomeAsync(ScriptedCluster cluster)
    {
        Task<TimeSpan> ping = cluster.Client.PingAsync();
        cluster.Home.Send((await cluster.Home.SkipToAsync(OpCode.Ping)).Id, default(PongMessage));
        await Patience.Wait(ping);
    }

    private static async Task<(Subscription Subscription, ScriptedPeer Peer)> SubscribeAsync(
        ScriptedSession session, SubscribeOptions options, int partitionCount = 1)
    {
        Task<Subscription> subscribing = session.Client.SubscribeAsync("orders", options);
        ScriptedPeer peer = await session.Broker.AcceptAsync();
        await peer.WelcomeWithoutTopologyAsync();
        for (int i = 0; i < partitionCount; i++)
            Assert.Equal(options.AutoAck, (await peer.AcceptSubscriptionAsync((ulong)i + 1)).AutoAck);
        return (await Patience.Wait(subscribing), peer);
    }
}
