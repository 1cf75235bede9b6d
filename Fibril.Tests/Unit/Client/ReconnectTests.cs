using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.Unit.Client;

/// <summary>Sessions that outlive their connections.</summary>
public sealed class ReconnectTests
{
    [Theory] // publish, declare and subscribe; R-71: the peer closed
    [InlineData("publish")]
    [InlineData("begin")]
    [InlineData("send")]
    [InlineData("declare")]
    [InlineData("subscribe")]
    public async Task An_operation_that_finds_the_connection_lost_makes_one_attempt_and_goes_on(string operation)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        await session.LoseConnectionAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        Task going = operation switch
        {
            "publish" => publisher.PublishAsync("x"u8).AsTask(),
            "begin" => publisher.BeginPublishAsync("x"u8).AsTask(),
            "send" => publisher.SendAsync("x"u8).AsTask(),
            "declare" => session.Client.DeclareQueueAsync("orders"),
            _ => session.Client.SubscribeAsync("orders"),
        };
        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.NotFound);
        SentFrame frame = await peer.SkipToAsync(operation switch
        {
            "declare" => OpCode.DeclareQueue,
            "subscribe" => OpCode.Subscribe,
            _ => OpCode.Publish,
        });
        switch (frame.OpCode)
        {
            case OpCode.Publish:
                peer.Send(frame.Id, new PublishOkMessage(7));
                break;
            case OpCode.DeclareQueue:
                peer.Send(frame.Id, new DeclareQueueOkMessage("stored", 1));
                break;
            default:
                peer.Send(frame.Id, new SubscribeOkMessage(1, "orders", 0, null, 32, null, null, null));
                break;
        }

        await Patience.Wait(going);
        Assert.True(session.Client.IsConnected);
        Assert.Null(session.Client.DisconnectReason);
    }

    [Fact] // then the close error is shown
    public async Task Reconnecting_can_be_switched_off_and_asked_for()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: ScriptedSession.StaysDisconnected);
        await session.LoseConnectionAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(publisher.PublishAsync("x"u8)));
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(session.Client.DeclareQueueAsync("orders")));

        Task<ResumeOutcome> reconnecting = session.Client.ReconnectAsync();
        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.NotFound);
        Assert.Equal(ResumeOutcome.NotFound, await Patience.Wait(reconnecting));
        Task<long> publish = publisher.PublishAsync("x"u8).AsTask(); // publishers use the newest connection
        SentFrame frame = await peer.SkipToAsync(OpCode.Publish);
        peer.Send(frame.Id, new PublishOkMessage(3));
        Assert.Equal(3, await Patience.Wait(publish));
    }

    [Theory] // R-72; the identity that was given is the one that is offered
    [InlineData(ResumeOutcome.Resumed)]
    [InlineData(ResumeOutcome.NotFound)]
    [InlineData(ResumeOutcome.Rejected)]
    [InlineData(ResumeOutcome.ResumedAfterRestart)]
    public async Task Reconnecting_offers_the_identity_and_returns_the_outcome(ResumeOutcome outcome)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<ResumeOutcome> reconnecting = session.Client.ReconnectAsync();
        ScriptedPeer peer = await session.Broker.AcceptAsync();
        SentFrame hello = await peer.ReadAsync(OpCode.Hello);
        Assert.Equal(session.Peer.Identity, hello.Read<HelloMessage>().Resume);
        var fresh = new ResumeIdentity(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        peer.Send(hello.Id, ScriptedPeer.HelloOk(outcome: outcome, identity: fresh));
        peer.Send((await peer.ReadAsync(OpCode.Auth)).Id, default(AuthOkMessage)); // on every connection
        await session.Peer.ReadToEndAsync(); // the new one takes over, and the old one closes
        session.Peer.Dispose();
        Assert.Equal(outcome, await Patience.Wait(reconnecting));

        peer.Dispose();
        await Patience.Until(() => !session.Client.IsConnected);
        Task<ResumeOutcome> again = session.Client.ReconnectAsync();
        ScriptedPeer third = await session.Broker.AcceptAsync();
        hello = await third.ReadAsync(OpCode.Hello);
        Assert.Equal(fresh, hello.Read<HelloMessage>().Resume);
        third.Dispose();
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(again));
    }

    [Fact] // R-26, REC-1, RES-6
    public async Task A_resumed_session_keeps_its_subscriptions_and_what_they_delivered()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync(new SubscribeOptions { Prefetch = 8 });
        session.Peer.Deliver(1, subscriptionId: 1, tag: 5);
        ReceivedMessage held = await subscription.ReadOneAsync();
        session.Peer.Deliver(2, subscriptionId: 1, tag: 6);
        await SubscriptionTests.PingAsync(session);
        await session.LoseConnectionAsync();
        await Assert.ThrowsAsync<FibrilConnectionException>(() => held.CompleteAsync().AsTask()); // no live connection

        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.Resumed);
        SentFrame question = await peer.ReadAsync(OpCode.ReconcileClient);
        ReconcileClientMessage listed = question.Read<ReconcileClientMessage>();
        Assert.Equal(ReconcilePolicy.Conservative, listed.Policy);
        SubscriptionDescriptor mine = Assert.Single(listed.Subscriptions);
        Assert.Equal(new SubscriptionDescriptor(1, "orders", 0, null, false, 8, null, null, null), mine);
        peer.Send(question.Id, new ReconcileResultMessage(
            [new ReconcileVerdict(mine, mine with { SubscriptionId = 9 }, ReconcileAction.Keep, CloseReason.ServerIdChanged, "server_id_changed")]));

        peer.Deliver(3, subscriptionId: 9, tag: 7); // under the server's number
        Assert.Equal([6L, 7L], await SubscriptionTests.ReadOffsetsAsync(subscription, 2));
        await held.CompleteAsync(); // another socket, the same incarnation
        Assert.Equal(5UL, (await peer.SkipToAsync(OpCode.Ack)).Read<AckMessage>().Tags[0]);
    }

    [Fact]
    public async Task After_any_other_outcome_deliveries_are_stale_and_unread_ones_come_again()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        session.Peer.Deliver(1, subscriptionId: 1, tag: 5);
        ReceivedMessage held = await subscription.ReadOneAsync();
        session.Peer.Deliver(2, subscriptionId: 1, tag: 6);
        await SubscriptionTests.PingAsync(session);
        await session.LoseConnectionAsync();

        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.NotFound);
        await peer.AnswerReconciliationAsync(ReconcileAction.RecreateClientSide, CloseReason.Recreate);
        await peer.AcceptSubscriptionAsync(1);
        await SubscriptionTests.PingAsync(session, peer);
        peer.Deliver(1, subscriptionId: 1, tag: 5);
        peer.Deliver(2, subscriptionId: 1, tag: 6);
        List<ReceivedMessage> again = await SubscriptionTests.ReadAsync(subscription, 2);
        Assert.Equal([5L, 6L], again.Select(static message => message.Offset)); // 6 once: the unread delivery is void

        var stale = await Assert.ThrowsAsync<FibrilStaleDeliveryException>(() => held.CompleteAsync().AsTask());
        Assert.False(stale.IsTransient);
        await Assert.ThrowsAsync<FibrilStaleDeliveryException>(() => held.RetryAfterAsync(TimeSpan.Zero).AsTask());
        await Assert.ThrowsAsync<FibrilStaleDeliveryException>(() => Patience.Wait(held.RenewAsync()));
        Assert.False(held.IsSettled);
        await again[1].CompleteAsync();
        Assert.Equal(6UL, (await peer.ReadAsync(OpCode.Ack)).Read<AckMessage>().Tags[0]); // and no frame came before
    }

    [Fact] // REC-3 code 3, R-42: kept in a new session, what was delivered in the old one is void
    public async Task A_restored_subscription_goes_on_and_its_old_deliveries_are_stale()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(
            configure: static options => options.ReconcilePolicy = ReconcilePolicy.Restore);
        Subscription subscription = await session.SubscribeAsync();
        session.Peer.Deliver(1, subscriptionId: 1, tag: 5);
        ReceivedMessage held = await subscription.ReadOneAsync();
        await session.LoseConnectionAsync();
        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.NotFound);
        SentFrame question = await peer.ReadAsync(OpCode.ReconcileClient);
        ReconcileClientMessage listed = question.Read<ReconcileClientMessage>();
        Assert.Equal(ReconcilePolicy.Restore, listed.Policy);
        SubscriptionDescriptor mine = listed.Subscriptions[0];
        peer.Send(question.Id, new ReconcileResultMessage(
            [new ReconcileVerdict(mine, mine with { SubscriptionId = 31 }, ReconcileAction.Keep, CloseReason.ServerRestored, "server_restored")]));
        peer.Deliver(1, subscriptionId: 31, tag: 5);
        ReceivedMessage again = await subscription.ReadOneAsync();
        await Assert.ThrowsAsync<FibrilStaleDeliveryException>(() => held.CompleteAsync().AsTask());
        await again.CompleteAsync();
        Assert.Equal(5UL, (await peer.SkipToAsync(OpCode.Ack)).Read<AckMessage>().Tags[0]);
    }

    [Theory]
    [InlineData(ReconcileAction.CloseClientSide, CloseReason.ServerMismatch, true, SubscriptionEndReason.Reconciled)]
    [InlineData(ReconcileAction.CloseClientSide, CloseReason.ServerRestoreFailed, true, SubscriptionEndReason.Reconciled)]
    [InlineData(ReconcileAction.RecreateClientSide, CloseReason.Recreate, false, SubscriptionEndReason.Recreated)]
    public async Task A_verdict_against_a_subscription_ends_it_behind_what_had_arrived(
        ReconcileAction action, CloseReason code, bool followsAdvice, SubscriptionEndReason reason)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync(new SubscribeOptions { FollowRecreateAdvice = followsAdvice });
        session.Peer.Deliver(1, subscriptionId: 1, tag: 5);
        await SubscriptionTests.PingAsync(session);
        await session.LoseConnectionAsync();
        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.NotFound);
        await peer.AnswerReconciliationAsync(action, code);
        SubscriptionEnd end = await Patience.Wait(subscription.Completion);
        Assert.Equal(reason, end.Reason);
        var closed = Assert.IsType<FibrilSubscriptionClosedException>(end.Error);
        Assert.Equal((action, code), (closed.Verdict!.Value, closed.Reason));
        await using IAsyncEnumerator<ReceivedMessage> reader = subscription.GetAsyncEnumerator();
        Assert.True(await Patience.Wait(reader.MoveNextAsync()));
        Assert.Same(closed, await Assert.ThrowsAsync<FibrilSubscriptionClosedException>(() => Patience.Wait(reader.MoveNextAsync())));
    }

    [Fact]
    public async Task A_subscription_that_the_broker_does_not_answer_for_ends_with_a_server_error()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        await session.LoseConnectionAsync();
        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.Resumed);
        SentFrame question = await peer.ReadAsync(OpCode.ReconcileClient);
        peer.Send(question.Id, new ReconcileResultMessage([]));
        SubscriptionEnd end = await Patience.Wait(subscription.Completion);
        Assert.Equal(CloseReason.ServerError, Assert.IsType<FibrilSubscriptionClosedException>(end.Error).Reason);
    }

    [Theory] // the session is the same, and the broker let go of the subscription all the same
    [InlineData(ReconcileAction.RecreateClientSide, CloseReason.Recreate)]
    [InlineData(ReconcileAction.CloseClientSide, CloseReason.ServerMissing)]
    public async Task What_a_resumed_session_has_lost_is_asked_for_again(ReconcileAction action, CloseReason code)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        await session.LoseConnectionAsync();
        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.Resumed);
        await peer.AnswerReconciliationAsync(action, code);
        await peer.AcceptSubscriptionAsync(7);
        peer.Deliver(1, subscriptionId: 7, tag: 5);
        Assert.Equal([5L], await SubscriptionTests.ReadOffsetsAsync(subscription, 1));
    }

    [Fact]
    public async Task After_a_verdict_that_ends_a_subscription_the_next_one_asks_the_broker()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription ended = await session.SubscribeAsync();
        await session.LoseConnectionAsync();
        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.Resumed);
        await peer.AnswerReconciliationAsync(ReconcileAction.CloseClientSide, CloseReason.ServerMismatch);
        await Patience.Wait(ended.Completion);
        Task<Subscription> subscribing = session.Client.SubscribeAsync("orders");
        await peer.AcceptSubscriptionAsync(7);
        peer.Deliver(1, subscriptionId: 7, tag: 5);
        Assert.Equal([5L], await SubscriptionTests.ReadOffsetsAsync(await Patience.Wait(subscribing), 1));
    }

    [Fact]
    public async Task What_was_subscribed_to_during_a_reconnect_is_subscribed_to_again_afterwards()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        await session.SubscribeAsync();
        Task<ResumeOutcome> reconnecting = session.Client.ReconnectAsync();
        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.Resumed);
        SentFrame question = await peer.ReadAsync(OpCode.ReconcileClient);
        Task<Subscription> subscribing = session.Client.SubscribeAsync("payments");
        await session.Peer.AcceptSubscriptionAsync(2);
        Subscription meanwhile = await Patience.Wait(subscribing);
        SubscriptionDescriptor listed = Assert.Single(question.Read<ReconcileClientMessage>().Subscriptions);
        peer.Send(question.Id, new ReconcileResultMessage([new ReconcileVerdict(listed, listed, ReconcileAction.Keep, CloseReason.Matched, "matched")]));
        await session.Peer.ReadToEndAsync();
        session.Peer.Dispose();
        await Patience.Wait(reconnecting);
        Assert.Equal("payments", (await peer.AcceptSubscriptionAsync(2)).Topic);
        peer.Deliver(1, subscriptionId: 2, tag: 5);
        Assert.Equal([5L], await SubscriptionTests.ReadOffsetsAsync(meanwhile, 1));
    }

    [Theory] // the broker cannot be told, and would refuse a second one
    [InlineData(ResumeOutcome.Resumed)]
    [InlineData(ResumeOutcome.NotFound)]
    public async Task What_is_disposed_while_the_broker_is_asked_for_it_serves_the_next_who_wants_the_same(ResumeOutcome outcome)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription disposed = await session.SubscribeAsync();
        await session.LoseConnectionAsync();
        ScriptedPeer peer = await session.AcceptAgainAsync(outcome);
        SentFrame question = await peer.ReadAsync(OpCode.ReconcileClient);
        await Patience.Wait(disposed.DisposeAsync());
        SubscriptionDescriptor listed = Assert.Single(question.Read<ReconcileClientMessage>().Subscriptions);
        peer.Send(question.Id, new ReconcileResultMessage([new ReconcileVerdict(listed, listed, ReconcileAction.Keep, CloseReason.Matched, "matched")]));
        Subscription next = await Patience.Wait(session.Client.SubscribeAsync("orders"));
        peer.Deliver(1, subscriptionId: 1, tag: 5);
        Assert.Equal([5L], await SubscriptionTests.ReadOffsetsAsync(next, 1));
    }

    [Fact] // what was on its way is not sent again
    public async Task Requests_in_flight_fail_with_the_connection_and_are_not_replayed()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<long> publish = session.Client.CreatePublisher("orders").PublishAsync("x"u8).AsTask();
        await session.Peer.ReadAsync(OpCode.Publish);
        await session.LoseConnectionAsync();
        var lost = await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(publish));
        Assert.True(lost.IsOutcomeUnknown);
        Task<ResumeOutcome> reconnecting = session.Client.ReconnectAsync();
        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.Resumed);
        await Patience.Wait(reconnecting);
        Task<TimeSpan> ping = session.Client.PingAsync();
        SentFrame next;
        do next = await peer.ReadAsync();
        while (next.OpCode == OpCode.Topology);
        Assert.Equal(OpCode.Ping, next.OpCode);
        peer.Send(next.Id, default(PongMessage));
        await Patience.Wait(ping);
    }

    [Fact] // RES-1
    public async Task What_happens_to_connections_can_be_watched()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        await using IAsyncEnumerator<FibrilClientEvent> events = session.Client.WatchEventsAsync().GetAsyncEnumerator();
        session.Peer.Send(0, new GoingAwayMessage(15_000, "maintenance")); // R-60, DRN-4
        Assert.True(await Patience.Wait(events.MoveNextAsync()));
        var leaving = Assert.IsType<BrokerGoingAway>(events.Current);
        Assert.Equal((TimeSpan.FromSeconds(15), "maintenance", $"127.0.0.1:{session.Broker.Port}"), (leaving.Grace, leaving.Message, leaving.Endpoint));
        Assert.True(session.Client.IsConnected);

        await session.LoseConnectionAsync();
        Assert.True(await Patience.Wait(events.MoveNextAsync()));
        Assert.True(Assert.IsType<BrokerDisconnected>(events.Current).Reason.IsTransient);
        Task<ResumeOutcome> reconnecting = session.Client.ReconnectAsync();
        await session.AcceptAgainAsync(ResumeOutcome.ResumedAfterRestart);
        await Patience.Wait(reconnecting);
        Assert.True(await Patience.Wait(events.MoveNextAsync()));
        Assert.Equal(ResumeOutcome.ResumedAfterRestart, Assert.IsType<BrokerReconnected>(events.Current).Outcome);
    }
}
