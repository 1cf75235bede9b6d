using Fibril.Client;
using Fibril.Client.Recovery;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Client;

/// <summary>Subscriptions that come back by themselves.</summary>
public sealed class SupervisionTests
{
    [Theory] // 5.7; supervised, advice followed, reconnecting
    [InlineData(CloseReason.TopicDeleted, "End")]
    [InlineData(CloseReason.OwnerMoved, "Resubscribe")]
    [InlineData(CloseReason.BrokerShutdown, "Resubscribe")]
    [InlineData(CloseReason.CohortRemoved, "Resubscribe")]
    [InlineData(CloseReason.Lagged, "End")]
    [InlineData(CloseReason.ServerError, "End")]
    [InlineData(CloseReason.Recreate, "Resubscribe")]
    [InlineData((CloseReason)9001, "Resubscribe")]
    public void A_notice_decides_by_its_code(CloseReason code, string continuation)
    {
        var notice = new FibrilSubscriptionClosedException(code, "", "it");
        Assert.Equal(continuation, Supervision.Decide(notice, true, true, true, isRetired: false).ToString());
        Assert.Equal(Continuation.End, Supervision.Decide(notice, isSupervised: false, true, true, isRetired: false));
    }

    [Fact]
    public void Options_and_the_topology_decide_too()
    {
        var lost = new FibrilConnectionException("gone");
        var moved = new FibrilSubscriptionClosedException(CloseReason.OwnerMoved, "", "it");
        var advised = new FibrilSubscriptionClosedException(CloseReason.Recreate, "", "it") { Verdict = ReconcileAction.RecreateClientSide };
        var missing = new FibrilSubscriptionClosedException(CloseReason.ServerMissing, "", "it") { Verdict = ReconcileAction.CloseClientSide };
        Assert.Equal(Continuation.Resubscribe, Supervision.Decide(lost, true, true, canReconnect: true, isRetired: false));
        Assert.Equal(Continuation.End, Supervision.Decide(lost, true, true, canReconnect: false, isRetired: false));
        Assert.Equal(Continuation.Resubscribe, Supervision.Decide(advised, true, followsAdvice: true, true, isRetired: false));
        Assert.Equal(Continuation.End, Supervision.Decide(advised, true, followsAdvice: false, true, isRetired: false));
        Assert.Equal(Continuation.Resubscribe, Supervision.Decide(missing, true, true, true, isRetired: false));
        Assert.Equal(Continuation.Leave, Supervision.Decide(moved, true, true, true, isRetired: true));
        Assert.Equal(Continuation.Leave, Supervision.Decide(moved, isSupervised: false, true, true, isRetired: true));
    }

    [Fact] // CLS-5, R-33, Q-45
    public async Task A_partition_that_moves_is_followed_and_settlements_go_where_the_message_came_from()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(2, static cluster => cluster.Topology(1, version: 0, 0, 0));
        Task<Subscription> subscribing = cluster.Client.SubscribeAsync("orders");
        await cluster.Home.AcceptSubscriptionAsync(1);
        await cluster.Home.AcceptSubscriptionAsync(2);
        Subscription subscription = await Patience.Wait(subscribing);
        cluster.Home.Deliver(1, subscriptionId: 2, tag: 50, partition: 1);
        ReceivedMessage before = await subscription.ReadOneAsync();

        cluster.Home.Send(40, new TopologyUpdateMessage(cluster.Topology(2, version: 0, 0, 1)));
        cluster.Home.Send(41, new SubscriptionClosedMessage(2, CloseReason.OwnerMoved, "moved"));
        ScriptedPeer other = await cluster.AcceptAsync(1);
        SubscribeMessage again = await other.AcceptSubscriptionAsync(1);
        Assert.Equal(("orders", 1U), (again.Topic, again.Partition));
        other.Deliver(1, subscriptionId: 1, tag: 60, partition: 1);
        cluster.Home.Deliver(2, subscriptionId: 1, tag: 70);
        List<ReceivedMessage> after = await SubscriptionTests.ReadAsync(subscription, 2);
        await before.CompleteAsync(); // COH-8 and the like: still possible there
        await cluster.Home.ReadAsync(OpCode.TopologyUpdateAck);
        Assert.Equal(50UL, (await cluster.Home.ReadAsync(OpCode.Ack)).Read<AckMessage>().Tags[0]);
        await after.Single(static message => message.Partition == 1).CompleteAsync();
        Assert.Equal(60UL, (await other.ReadAsync(OpCode.Ack)).Read<AckMessage>().Tags[0]);
        Assert.Equal(2, subscription.PartitionCount);
    }

    [Fact] // RDR-2: a subscribe follows redirects too
    public async Task Subscribing_follows_a_redirect()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(2, static cluster => cluster.Topology(1, version: 0, 0));
        Task<Subscription> subscribing = cluster.Client.SubscribeAsync("orders");
        SentFrame frame = await cluster.Home.ReadAsync(OpCode.Subscribe);
        cluster.Home.Send(frame.Id, new RedirectMessage("orders", 0, null, [cluster.Address(1)], 0));
        ScriptedPeer other = await cluster.AcceptAsync(1);
        await other.AcceptSubscriptionAsync(1);
        Subscription subscription = await Patience.Wait(subscribing);
        other.Deliver(1, subscriptionId: 1, tag: 5);
        Assert.Equal([5L], await SubscriptionTests.ReadOffsetsAsync(subscription, 1));
    }

    [Fact] // Q-47, TOP-5
    public async Task A_running_subscription_picks_up_partitions_that_are_pushed_and_leaves_retired_ones_quietly()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(1, static cluster => cluster.Topology(1, version: 0, 0));
        Task<Subscription> subscribing = cluster.Client.SubscribeAsync("orders");
        await cluster.Home.AcceptSubscriptionAsync(1);
        Subscription subscription = await Patience.Wait(subscribing);
        cluster.Home.Send(40, new TopologyUpdateMessage(cluster.Topology(2, version: 1, 0, 0)));
        Assert.Equal(1U, (await cluster.Home.AcceptSubscriptionAsync(2)).Partition);
        cluster.Home.Deliver(1, subscriptionId: 2, tag: 5, partition: 1);
        Assert.Equal(1, (await subscription.ReadOneAsync()).Partition);
        await Patience.Until(() => subscription.PartitionCount == 2);

        cluster.Home.Send(42, new TopologyUpdateMessage(cluster.Topology(3, version: 2, 0)));
        cluster.Home.Send(43, new SubscriptionClosedMessage(2, CloseReason.OwnerMoved, "retired"));
        await Patience.Until(() => subscription.PartitionCount == 1);
        cluster.Home.Deliver(2, subscriptionId: 1, tag: 6);
        Assert.Equal([6L], await SubscriptionTests.ReadOffsetsAsync(subscription, 1));
        Assert.False(subscription.Completion.IsCompleted);
    }

    [Fact] // about every 5 s, for brokers that push nothing
    public async Task A_running_subscription_asks_for_further_partitions_by_itself()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(
            1, static cluster => cluster.Topology(1, version: 0, 0),
            static (_, options) => options.TopologyRefreshInterval = TimeSpan.FromSeconds(1));
        Task<Subscription> subscribing = cluster.Client.SubscribeAsync("orders");
        await cluster.Home.AcceptSubscriptionAsync(1);
        await Patience.Wait(subscribing);
        await cluster.Time.PassOnceAsync();
        Assert.Equal(TimeSpan.FromSeconds(1), cluster.Time.GetUtcNow() - cluster.Time.Start);
        SentFrame question = await cluster.Home.ReadAsync(OpCode.Topology);
        cluster.Home.Send(question.Id, new TopologyOkMessage(cluster.Topology(2, version: 1, 0, 0)));
        Assert.Equal(1U, (await cluster.Home.AcceptSubscriptionAsync(2)).Partition);
    }

    [Fact] // a supervised subscription comes back without anybody asking, however long it takes
    public async Task A_subscription_comes_back_after_several_attempts()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        await session.LoseConnectionAsync();
        for (int attempt = 0; attempt < 4; attempt++) (await session.Time.PassUntilAsync(session.Broker.AcceptAsync())).Abort();
        ScriptedPeer peer = await session.Time.PassUntilAsync(session.Broker.AcceptAsync());
        await peer.WelcomeBackAsync(ResumeOutcome.NotFound);
        await peer.AnswerReconciliationAsync(ReconcileAction.CloseClientSide, CloseReason.ServerMissing);
        await peer.AcceptSubscriptionAsync(1);
        peer.Deliver(1, subscriptionId: 1, tag: 5);
        Assert.Equal([5L], await SubscriptionTests.ReadOffsetsAsync(subscription, 1));
        await subscription.DisposeAsync();
        SubscriptionEnd end = await Patience.Wait(subscription.Completion);
        Assert.Equal((SubscriptionEndReason.Unsubscribed, null), (end.Reason, end.Error));
    }

    [Fact] // the owner is gone for good, and another broker has taken over
    public async Task A_subscription_whose_broker_is_gone_finds_the_new_owner_by_itself()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(3, static cluster => cluster.Topology(1, version: 0, 1));
        Task<Subscription> subscribing = cluster.Client.SubscribeAsync("orders");
        ScriptedPeer owner = await cluster.AcceptAsync(1);
        await owner.AcceptSubscriptionAsync(1);
        Subscription subscription = await Patience.Wait(subscribing);
        owner.Deliver(1, subscriptionId: 1, tag: 4);
        ReceivedMessage held = await subscription.ReadOneAsync();
        await cluster[1].DisposeAsync();
        await Patience.Until(() => !cluster.Client.GetRouting().Brokers[1].IsConnected);
        cluster.Home.Send(40, new TopologyUpdateMessage(cluster.Topology(2, version: 0, 2)));
        ScriptedPeer next = await cluster.Time.PassUntilAsync(cluster.AcceptAsync(2));
        await next.AcceptSubscriptionAsync(1);
        next.Deliver(1, subscriptionId: 1, tag: 4);
        ReceivedMessage again = await subscription.ReadOneAsync();
        await Assert.ThrowsAnyAsync<FibrilException>(() => held.CompleteAsync().AsTask());
        await again.CompleteAsync();
        Assert.Equal(4UL, (await next.ReadAsync(OpCode.Ack)).Read<AckMessage>().Tags[0]);
    }

    [Fact] // TOP-9
    public async Task A_subscription_that_is_answered_by_a_broker_that_has_just_lost_everything_is_made_at_the_new_owner()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(2, static cluster => cluster.Topology(1, version: 0, 1));
        Task<Subscription> subscribing = cluster.Client.SubscribeAsync("orders");
        ScriptedPeer former = await cluster.AcceptAsync(1);
        SentFrame request = await former.ReadAsync(OpCode.Subscribe);
        cluster.Home.Send(40, new TopologyUpdateMessage(cluster.Topology(2, version: 0, 0)));
        await former.ReadToEndAsync();
        former.Send(request.Id, new SubscribeOkMessage(1, "orders", 0, null, 32, null, null, null));
        former.Dispose();
        Subscription subscription = await Patience.Wait(subscribing);
        await cluster.Home.AcceptSubscriptionAsync(2);
        cluster.Home.Deliver(1, subscriptionId: 2, tag: 5);
        Assert.Equal([5L], await SubscriptionTests.ReadOffsetsAsync(subscription, 1));
    }

    [Fact] // a refusal may change, but not for ever
    public async Task A_refusal_to_take_a_subscription_back_ends_it_when_the_time_is_over()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(
            configure: static options => options.RetryTimeout = TimeSpan.FromSeconds(3));
        Subscription subscription = await session.SubscribeAsync();
        session.Peer.Send(2, new SubscriptionClosedMessage(1, CloseReason.OwnerMoved, "moved"));
        Task answering = RefuseAsync();
        SubscriptionEnd end = await session.Time.PassUntilAsync(subscription.Completion);
        Assert.Equal(SubscriptionEndReason.ServerError, end.Reason);
        Assert.Equal(ErrorCode.Conflict, Assert.IsType<FibrilServerException>(end.Error).Code);
        session.Peer.Dispose();
        await answering.ContinueWith(static _ => { }, TaskScheduler.Default);

        async Task RefuseAsync()
        {
            while (true)
            {
                SentFrame frame = await session.Peer.ReadAsync();
                if (frame.OpCode == OpCode.Subscribe) session.Peer.SendError(frame.Id, ErrorCode.Conflict, "converging");
                else if (frame.OpCode == OpCode.Topology) session.Peer.Send(frame.Id, new TopologyOkMessage(new TopologySnapshot(0, [], [])));
            }
        }
    }

    [Fact] // a lost connection is no refusal, so the time of refusals begins anew behind it
    public async Task Refusals_before_and_after_an_outage_are_not_one_long_refusal()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(
            configure: static options => options.RetryTimeout = TimeSpan.FromSeconds(3));
        Subscription subscription = await session.SubscribeAsync();
        session.Peer.Send(2, new SubscriptionClosedMessage(1, CloseReason.OwnerMoved, "moved"));
        session.Peer.SendError((await session.Peer.SkipToAsync(OpCode.Subscribe)).Id, ErrorCode.Conflict, "converging");
        await session.Time.PassUntilAsync(session.Peer.SkipToAsync(OpCode.Subscribe)); // it has seen the refusal
        await session.LoseConnectionAsync();
        DateTimeOffset lostAt = session.Time.GetUtcNow();
        while (session.Time.GetUtcNow() - lostAt < TimeSpan.FromSeconds(4)) (await session.Time.PassUntilAsync(session.Broker.AcceptAsync())).Abort();
        ScriptedPeer peer = await session.Time.PassUntilAsync(session.AcceptAgainAsync(ResumeOutcome.NotFound));
        peer.SendError((await peer.SkipToAsync(OpCode.Subscribe)).Id, ErrorCode.Conflict, "converging");
        await session.Time.PassUntilAsync(peer.AcceptSubscriptionAsync(1));
        peer.Deliver(1, subscriptionId: 1, tag: 5);
        Assert.Equal([5L], await SubscriptionTests.ReadOffsetsAsync(subscription, 1));
    }

    [Fact]
    public async Task A_refusal_that_settled_itself_does_not_shorten_the_patience_with_the_next()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(
            1, static cluster => cluster.Topology(1, version: 0, 0, 0), static (_, options) => options.RetryTimeout = TimeSpan.FromSeconds(3));
        Task<Subscription> subscribing = cluster.Client.SubscribeAsync("orders");
        await cluster.Home.AcceptSubscriptionAsync(1);
        await cluster.Home.AcceptSubscriptionAsync(2);
        Subscription subscription = await Patience.Wait(subscribing);
        cluster.Home.Send(40, new SubscriptionClosedMessage(2, CloseReason.OwnerMoved, "moved"));
        cluster.Home.SendError((await cluster.Home.SkipToAsync(OpCode.Subscribe)).Id, ErrorCode.Conflict, "converging");
        cluster.Home.Send(41, new TopologyUpdateMessage(cluster.Topology(2, version: 1, 0))); // retired: there is nothing to wait for
        await Patience.Until(() => subscription.PartitionCount == 1);
        cluster.Time.Advance(TimeSpan.FromSeconds(4));
        cluster.Home.Send(42, new TopologyUpdateMessage(cluster.Topology(3, version: 2, 0, 0)));
        cluster.Home.SendError((await cluster.Home.SkipToAsync(OpCode.Subscribe)).Id, ErrorCode.Conflict, "converging");
        await cluster.Time.PassUntilAsync(cluster.Home.AcceptSubscriptionAsync(3));
        cluster.Home.Deliver(1, subscriptionId: 3, tag: 5, partition: 1);
        Assert.Equal([5L], await SubscriptionTests.ReadOffsetsAsync(subscription, 1));
    }

    [Fact] // one reason for the whole, and the other partitions are let go
    public async Task The_end_of_one_partition_for_good_ends_the_subscription()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(1, static cluster => cluster.Topology(1, version: 0, 0, 0));
        Task<Subscription> subscribing = cluster.Client.SubscribeAsync("orders");
        await cluster.Home.AcceptSubscriptionAsync(1);
        await cluster.Home.AcceptSubscriptionAsync(2);
        Subscription subscription = await Patience.Wait(subscribing);
        cluster.Home.Deliver(1, subscriptionId: 1, tag: 5);
        cluster.Home.Send(2, new SubscriptionClosedMessage(2, CloseReason.TopicDeleted, "deleted"));
        SubscriptionEnd end = await Patience.Wait(subscription.Completion);
        Assert.Equal(SubscriptionEndReason.TopicDeleted, end.Reason);
        await using IAsyncEnumerator<ReceivedMessage> reader = subscription.GetAsyncEnumerator();
        Assert.True(await Patience.Wait(reader.MoveNextAsync())); // what had arrived comes first
        await Assert.ThrowsAsync<FibrilSubscriptionClosedException>(() => Patience.Wait(reader.MoveNextAsync()));
    }
}
