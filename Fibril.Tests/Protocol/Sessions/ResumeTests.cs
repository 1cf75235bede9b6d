using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>Sessions that outlive their connections: sections 7.12 and 8.1, 8.2, 8.5.</summary>
public sealed class ResumeTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    [Fact] // RES-3, STL-7; V-18, V-19
    public async Task A_session_keeps_its_leases_and_an_old_tag_settles_before_and_after_reconciliation()
    {
        await using SessionHarness broker = NewBroker();
        RawPeer publisher = await broker.ConnectAsync();
        await publisher.PublishAllAsync("0", "1", "2");
        RawPeer first = await broker.ConnectAsync();
        SubscribeOkMessage subscription = await first.SubscribeAsync(prefetch: 2);
        ReceivedDelivery[] held = await first.ExpectDeliveriesAsync(2);
        await first.ResetAsync();
        Assert.Equal(1, broker.Sessions.Counters.GraceEntered);

        RawPeer second = await broker.ResumeAsync(first.Identity);
        Assert.Equal(first.Identity, second.Identity);
        await second.AckAsync(held[0]);
        await second.ExpectSilenceAsync(); // unclaimed: settled, and nothing new (RES-6)
        ReconcileVerdict verdict = Assert.Single(await second.ReconcileAsync(ReconcilePolicy.Conservative, Held(subscription, prefetch: 2)));
        Assert.Equal((ReconcileAction.Keep, CloseReason.Matched), (verdict.Action, verdict.Code));
        ReceivedDelivery next = await second.ExpectDeliveryAsync();
        Assert.Equal(("2", subscription.SubscriptionId), (next.Text, next.SubscriptionId));
        await second.AckAsync(held[1]);
        await second.AckAsync(next);
        await broker.WhenIdleAsync();
        Assert.Equal(0, Assert.Single(broker.Queues.Loaded).ActiveCount);
        Assert.Equal(1, broker.Sessions.Counters.CountOf(ResumeOutcome.Resumed));
    }

    [Fact] // RES-1, R-2, R-3, R-4, R-7, F-12; V-18, the outcome table
    public async Task What_does_not_fit_gets_a_fresh_identity_and_a_working_connection()
    {
        await using SessionHarness broker = NewBroker();
        RawPeer first = await broker.ConnectAsync();
        ResumeIdentity known = first.Identity;
        foreach ((ResumeIdentity offered, ResumeOutcome expected) in new[]
        {
            (known with { ResumeToken = Guid.NewGuid() }, ResumeOutcome.Rejected),
            (known with { OwnerId = Guid.NewGuid() }, ResumeOutcome.Rejected),
            (known with { ClientId = Guid.NewGuid() }, ResumeOutcome.NotFound),
        })
        {
            RawPeer peer = await broker.ResumeAsync(offered, expected);
            Assert.NotEqual(offered.ClientId, peer.Identity.ClientId);
            Assert.NotEqual(offered.ResumeToken, peer.Identity.ResumeToken);
            await peer.PublishAllAsync("works");
            await peer.CloseAsync();
        }

        await first.PingAsync(); // none of them touched it
        await first.CloseAsync();
        RawPeer wrongToken = await broker.ResumeAsync(known with { ResumeToken = Guid.NewGuid() }, ResumeOutcome.Rejected);
        Assert.NotEqual(known.ClientId, wrongToken.Identity.ClientId);
        await broker.ResumeAsync(known); // still dormant
    }

    [Fact] // RES-4, M-50, M-52; V-23
    public async Task When_grace_is_over_what_is_unsettled_goes_to_another_consumer_at_once_and_old_tags_are_dead()
    {
        await using SessionHarness broker = NewBroker();
        RawPeer first = await broker.ConnectAsync();
        await first.PublishAllAsync("0");
        await first.SubscribeAsync();
        ReceivedDelivery held = await first.ExpectDeliveryAsync();
        RawPeer other = await broker.ConnectAsync();
        await other.SubscribeAsync();
        await first.CloseAsync();

        broker.Advance(Grace - TimeSpan.FromMilliseconds(1));
        await other.ExpectSilenceAsync();
        broker.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("0", (await other.ExpectDeliveryAsync()).Text);
        Assert.Equal(1, broker.Sessions.Counters.GraceExpired);
        RawPeer late = await broker.ResumeAsync(first.Identity, ResumeOutcome.NotFound);
        await late.AckAsync(held);
        await broker.WhenIdleAsync();
        Assert.Equal(1, Assert.Single(broker.Queues.Loaded).ActiveCount);
    }

    [Fact]
    public async Task Without_grace_a_session_ends_with_its_connection()
    {
        await using SessionHarness broker = NewBroker();
        broker.Resume.ReconnectGrace = TimeSpan.Zero;
        RawPeer first = await broker.ConnectAsync();
        await first.PublishAllAsync("0");
        await first.SubscribeAsync();
        await first.ExpectDeliveryAsync();
        RawPeer other = await broker.ConnectAsync();
        await other.SubscribeAsync();
        await first.CloseAsync();
        Assert.Equal("0", (await other.ExpectDeliveryAsync()).Text);
        await broker.ResumeAsync(first.Identity, ResumeOutcome.NotFound);
    }

    [Fact] // R-13, M-53
    public async Task A_dormant_session_gets_no_new_leases_and_its_old_ones_expire_in_their_time()
    {
        await using SessionHarness broker = NewBroker();
        broker.Resume.ReconnectGrace = TimeSpan.FromMinutes(5);
        RawPeer first = await broker.ConnectAsync();
        await first.PublishAllAsync("0");
        SubscribeOkMessage subscription = await first.SubscribeAsync(prefetch: 10);
        await first.ExpectDeliveryAsync();
        await first.CloseAsync();

        RawPeer other = await broker.ConnectAsync();
        await other.PublishAllAsync("1");
        await other.SubscribeAsync(prefetch: 10);
        ReceivedDelivery taken = await other.ExpectDeliveryAsync();
        Assert.Equal("1", taken.Text);
        await other.AckAsync(taken);
        await other.ExpectSilenceAsync();
        broker.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("0", (await other.ExpectDeliveryAsync()).Text);

        RawPeer second = await broker.ResumeAsync(first.Identity);
        await second.ReconcileAsync(ReconcilePolicy.Conservative, Held(subscription, prefetch: 10));
        await other.CloseAsync();
        broker.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("0", (await second.ExpectDeliveryAsync()).Text);
    }

    [Fact] // X-9, RES-5, R-5; V-20
    public async Task The_end_of_a_connection_that_was_superseded_has_no_effect()
    {
        await using SessionHarness broker = NewBroker();
        RawPeer first = await broker.ConnectAsync();
        await first.PublishAllAsync("0", "1");
        SubscribeOkMessage subscription = await first.SubscribeAsync(prefetch: 2);
        ReceivedDelivery[] held = await first.ExpectDeliveriesAsync(2);

        RawPeer second = await broker.ResumeAsync(first.Identity);
        await second.ReconcileAsync(ReconcilePolicy.Conservative, Held(subscription, prefetch: 2));
        await first.PingAsync(); // not closed because of the takeover
        await first.AckAsync(held[0]); // served where it arrives
        await first.PublishAllAsync("2");
        Assert.Equal("2", (await second.ExpectDeliveryAsync()).Text); // and deliveries go to the new one
        await first.CloseAsync();
        broker.Advance(Grace * 3);

        await second.AckAsync(held[1]);
        await second.PublishAllAsync("3");
        Assert.Equal("3", (await second.ExpectDeliveryAsync()).Text);
    }

    [Fact] // RES-5: a token alone cannot cut off the rightful client
    public async Task A_session_is_taken_over_at_login_and_not_before()
    {
        await using SessionHarness broker = NewBroker();
        RawPeer first = await broker.ConnectAsync();
        await first.SubscribeAsync(prefetch: 10);
        RawPeer thief = broker.Accept();
        Assert.Equal(ResumeOutcome.Resumed, (await thief.HelloAsync(first.Identity)).Outcome);
        await first.PublishAllAsync("0");
        Assert.Equal("0", (await first.ExpectDeliveryAsync()).Text);
        await thief.SendAsync(RawPeer.AuthId, new AuthMessage("fibril", "guessed"));
        await thief.ExpectErrorAsync(RawPeer.AuthId, ErrorCode.Unauthenticated, OpCode.AuthErr);
        await first.PublishAllAsync("1");
        Assert.Equal("1", (await first.ExpectDeliveryAsync()).Text);
    }

    [Fact] // AUT-7, R-6
    public async Task Another_user_cannot_take_a_session_over()
    {
        var auth = new Fibril.Broker.Sessions.AuthOptions { Users = [new("ann", "a long password"), new("bob", "another password")] };
        await using var broker = new SessionHarness(static options => options.HeartbeatInterval = TimeSpan.FromHours(1), auth);
        broker.Resume.ReconnectGrace = Grace;
        RawPeer ann = await broker.LogInAsync("ann", "a long password");
        RawPeer bob = broker.Accept();
        await bob.HelloAsync(ann.Identity);
        await bob.SendAsync(RawPeer.AuthId, new AuthMessage("bob", "another password"));
        await bob.ExpectErrorAsync(RawPeer.AuthId, ErrorCode.Unauthenticated, OpCode.AuthErr);
        await bob.ExpectClosedAsync();
        await ann.PingAsync();
    }

    [Fact] // a session that said "resumed" waits for the login that follows
    public async Task Grace_does_not_end_between_hello_and_login()
    {
        await using SessionHarness broker = NewBroker();
        RawPeer first = await broker.ConnectAsync();
        await first.PublishAllAsync("0");
        SubscribeOkMessage subscription = await first.SubscribeAsync();
        ReceivedDelivery held = await first.ExpectDeliveryAsync();
        await first.CloseAsync();
        broker.Advance(Grace - TimeSpan.FromSeconds(1));
        RawPeer second = broker.Accept();
        Assert.Equal(ResumeOutcome.Resumed, (await second.HelloAsync(first.Identity)).Outcome);
        broker.Advance(Grace);
        await second.AuthAsync();
        await second.AckAsync(held);
        await second.ReconcileAsync(ReconcilePolicy.Conservative, Held(subscription));
        await broker.WhenIdleAsync();
        Assert.Equal(0, Assert.Single(broker.Queues.Loaded).ActiveCount);
    }

    [Fact]
    public async Task A_session_whose_resume_never_logs_in_ends_when_that_is_given_up()
    {
        await using SessionHarness broker = NewBroker();
        RawPeer first = await broker.ConnectAsync();
        await first.PublishAllAsync("0");
        await first.SubscribeAsync();
        await first.ExpectDeliveryAsync();
        await first.CloseAsync();
        RawPeer second = broker.Accept();
        await second.HelloAsync(first.Identity);
        broker.Advance(Grace * 1.5);
        RawPeer other = await broker.ConnectAsync();
        await other.SubscribeAsync();
        await other.ExpectSilenceAsync();
        await second.CloseAsync();
        Assert.Equal("0", (await other.ExpectDeliveryAsync()).Text);
        Assert.DoesNotContain(broker.Sessions.All, session => session.Identity == first.Identity);
    }

    [Fact] // X-10, RES-6; V-21
    public async Task A_subscribe_takes_an_unclaimed_subscription_over_with_its_leases()
    {
        await using SessionHarness broker = NewBroker();
        RawPeer first = await broker.ConnectAsync();
        await first.PublishAllAsync("0", "1", "2", "3");
        SubscribeOkMessage earlier = await first.SubscribeAsync(prefetch: 2);
        ReceivedDelivery[] held = await first.ExpectDeliveriesAsync(2);
        await first.ResetAsync();

        RawPeer second = await broker.ResumeAsync(first.Identity);
        await second.ExpectSilenceAsync(); // nothing before it
        SubscribeOkMessage later = await second.SubscribeAsync(prefetch: 3);
        Assert.NotEqual(earlier.SubscriptionId, later.SubscriptionId);
        Assert.Equal("2", (await second.ExpectDeliveryAsync()).Text); // two in flight count
        await second.ExpectSilenceAsync();
        await second.AckAsync(held[0]);
        Assert.Equal("3", (await second.ExpectDeliveryAsync()).Text);
        await second.NackAsync(held[1], requeue: false);
        await broker.WhenIdleAsync();
        Assert.Equal(2, Assert.Single(broker.Queues.Loaded).ActiveCount);

        await second.SendAsync(900, RawPeer.Subscription());
        await second.ExpectErrorAsync(900, ErrorCode.Conflict); // it is claimed now (SUB-1)
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_takeover_that_changes_or_keeps_auto_ack_gives_back_what_was_not_settled(bool before, bool after)
    {
        await using SessionHarness broker = NewBroker();
        RawPeer first = await broker.ConnectAsync();
        await first.PublishAllAsync("0", "1");
        await first.SubscribeAsync(prefetch: 2, autoAck: before);
        await first.ExpectDeliveriesAsync(2);
        await broker.WhenIdleAsync();
        await first.ResetAsync();
        RawPeer second = await broker.ResumeAsync(first.Identity);
        await second.SubscribeAsync(prefetch: 2, autoAck: after);
        string[] again = before ? [] : ["0", "1"]; // what was sent with auto-ack is settled (SUB-3)
        Assert.Equal(again, (await second.DrainDeliveriesAsync()).Select(static delivery => delivery.Text));
    }

    [Fact] // R-12, M-70, M-73: written and not sent is not settled
    public async Task What_an_auto_ack_connection_did_not_get_out_is_delivered_to_the_next()
    {
        await using SessionHarness broker = NewBroker(static options => options.OutputBufferBytes = 64 << 10);
        RawPeer publisher = await broker.ConnectAsync();
        RawPeer first = await broker.ConnectAsync();
        SubscribeOkMessage subscription = await first.SubscribeAsync(autoAck: true);
        first.StopReading();
        string large = new('x', 40_000);
        for (int i = 0; i < 40; i++) await publisher.PublishAsync(new TestPublish { Text = $"{i} {large}" });
        await broker.WhenIdleAsync();
        long unsettled = Assert.Single(broker.Queues.Loaded).ActiveCount;
        await first.ResetAsync();

        RawPeer second = await broker.ResumeAsync(first.Identity);
        await second.ReconcileAsync(ReconcilePolicy.Conservative, Held(subscription, autoAck: true));
        List<ReceivedDelivery> rest = await second.DrainDeliveriesAsync();
        Assert.NotEmpty(rest);
        Assert.Equal(unsettled, rest.Count);
        int from = 40 - rest.Count;
        Assert.Equal(Enumerable.Range(from, rest.Count), rest.Select(static delivery => int.Parse(delivery.Text.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).Order());
        await broker.WhenIdleAsync();
        Assert.Equal(0, Assert.Single(broker.Queues.Loaded).ActiveCount);
    }

    [Fact] // RES-6: unclaimed ones end when grace has passed again, and not in silence (CLS-4)
    public async Task A_subscription_that_nobody_claims_ends_after_the_time_of_grace()
    {
        await using SessionHarness broker = NewBroker();
        RawPeer first = await broker.ConnectAsync();
        await first.PublishAllAsync("0");
        SubscribeOkMessage subscription = await first.SubscribeAsync();
        await first.ExpectDeliveryAsync();
        await first.CloseAsync();
        broker.Advance(Grace - TimeSpan.FromSeconds(1));
        RawPeer second = await broker.ResumeAsync(first.Identity);
        second.Inherit(subscription);
        RawPeer other = await broker.ConnectAsync();
        await other.SubscribeAsync();
        broker.Advance(Grace - TimeSpan.FromMilliseconds(1));
        await other.ExpectSilenceAsync();
        broker.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("0", (await other.ExpectDeliveryAsync()).Text);
        broker.Advance(TimeSpan.FromSeconds(1)); // its handshake is over by then
        SubscriptionClosedMessage closed = await second.ExpectPushAsync<SubscriptionClosedMessage>();
        Assert.Equal((subscription.SubscriptionId, CloseReason.ClientMissing), (closed.SubscriptionId, closed.Code));
        await second.SubscribeAsync(); // the session itself goes on
    }

    [Fact] // the timer of an earlier deadline, that no thread was free for
    public async Task A_timer_that_comes_late_ends_nothing_of_a_session_that_was_resumed()
    {
        var time = new LateTimeProvider();
        await using SessionHarness broker = SessionHarness.WithoutPushes(time: time);
        broker.Resume.ReconnectGrace = Grace;
        RawPeer first = await broker.ConnectAsync();
        SubscribeOkMessage subscription = await first.SubscribeAsync();
        await first.CloseAsync();
        time.HoldTimers();
        broker.Advance(Grace);
        RawPeer second = await broker.ResumeAsync(first.Identity);
        time.RunLateTimers();
        Assert.Equal(CloseReason.Matched, Assert.Single(await second.ReconcileAsync(ReconcilePolicy.Conservative, Held(subscription))).Code);
    }

    [Fact] // what it holds is given back already
    public async Task A_session_that_has_begun_to_end_is_not_found()
    {
        await using SessionHarness broker = NewBroker();
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(10);
        RawPeer first = await broker.ConnectAsync();
        await first.PublishAsync(new TestPublish { NotBefore = broker.NowMs + 1_000_000 });
        await first.SubscribeAsync();
        await first.ExpectSilenceAsync();
        await first.CloseAsync();
        broker.ChokeOrders(partitionCount: 1);
        broker.Advance(TimeSpan.FromSeconds(5)); // grace is over, and the end waits for the partition
        try
        {
            await broker.ResumeAsync(first.Identity, ResumeOutcome.NotFound);
        }
        finally
        {
            broker.Threads.ResumeWork();
        }
    }

    [Fact] // X-1, REC-8, FRM-17; V-22
    public async Task Nothing_is_pushed_into_the_handshake_of_a_resumed_session()
    {
        await using var broker = new SessionHarness(static options => options.HeartbeatInterval = TimeSpan.FromSeconds(2));
        broker.Resume.ReconnectGrace = TimeSpan.FromMinutes(1);
        RawPeer publisher = await broker.ConnectAsync();
        RawPeer first = await broker.ConnectAsync();
        SubscribeOkMessage subscription = await first.SubscribeAsync(prefetch: 100);
        await first.ResetAsync();
        for (int i = 0; i < 20; i++) await publisher.SendRawAsync(new TestPublish { Text = $"{i}", Confirm = false }.ToFrame(publisher.NewId()));
        await publisher.WhenReadByBrokerAsync();

        RawPeer second = await broker.ResumeAsync(first.Identity);
        broker.Connections.AnnounceGoingAway(TimeSpan.FromSeconds(30), "maintenance");
        broker.Advance(TimeSpan.FromSeconds(4)); // a PING is due, a topology has changed, messages wait
        await broker.WhenIdleAsync();
        await second.ReconcileAsync(ReconcilePolicy.Conservative, Held(subscription, prefetch: 100)); // its result is the very next frame
        Assert.Equal("0", (await second.ExpectDeliveryAsync()).Text);
    }

    [Fact] // a session is used by one connection at a time
    public async Task Subscribing_on_a_superseded_connection_is_refused()
    {
        await using SessionHarness broker = NewBroker();
        RawPeer first = await broker.ConnectAsync();
        await broker.ResumeAsync(first.Identity);
        await first.SendAsync(50, RawPeer.Subscription());
        Assert.Contains("newer connection", await first.ExpectErrorAsync(50, ErrorCode.Conflict), StringComparison.Ordinal);
        await first.SendAsync(51, new ReconcileClientMessage(ReconcilePolicy.Conservative, []));
        await first.ExpectErrorAsync(51, ErrorCode.Conflict);
        Assert.Equal(0, Assert.Single(broker.Sessions.All).SubscriptionCount);
    }

    [Fact] // any number of times
    public async Task A_session_survives_connection_after_connection()
    {
        await using SessionHarness broker = NewBroker();
        RawPeer publisher = await broker.ConnectAsync();
        RawPeer peer = await broker.ConnectAsync();
        SubscribeOkMessage subscription = await peer.SubscribeAsync(prefetch: 100);
        for (int round = 0; round < 30; round++)
        {
            await publisher.PublishAllAsync($"{round}");
            ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
            Assert.Equal($"{round}", delivery.Text);
            if (round % 3 == 0) await peer.ResetAsync();
            RawPeer next = await broker.ResumeAsync(peer.Identity);
            await next.AckAsync(delivery);
            await next.ReconcileAsync(ReconcilePolicy.Conservative, Held(subscription, prefetch: 100));
            if (round % 3 == 1) await peer.CloseAsync();
            peer = next;
        }

        await broker.WhenIdleAsync();
        Assert.Equal(0, Assert.Single(broker.Queues.Loaded).ActiveCount);
    }

    [Fact] // what a session held is not in its saved record
    public async Task Grace_ends_with_the_broker()
    {
        var disk = new SimulatedFileSystem();
        RawPeer first;
        ReceivedDelivery held;
        await using (var broker = new SessionHarness(disk: disk))
        {
            broker.Resume.ReconnectGrace = TimeSpan.FromHours(1);
            broker.Resume.RestartTimeToLive = TimeSpan.Zero;
            first = await broker.ConnectAsync();
            await first.PublishAllAsync("0");
            await first.SubscribeAsync();
            held = await first.ExpectDeliveryAsync();
            await first.CloseAsync();
            await broker.StopAsync();
        }

        await using SessionHarness next = new(disk: disk);
        RawPeer again = await next.ResumeAsync(first.Identity, ResumeOutcome.NotFound);
        await again.SubscribeAsync();
        ReceivedDelivery anew = await again.ExpectDeliveryAsync();
        Assert.Equal((held.Text, held.Offset), (anew.Text, anew.Offset));
    }

    [Fact]
    public async Task Outcomes_and_verdicts_are_counted_and_a_reconciliation_is_logged()
    {
        await using SessionHarness broker = NewBroker();
        RawPeer first = await broker.ConnectAsync();
        SubscribeOkMessage kept = await first.SubscribeAsync();
        await first.SubscribeAsync(partition: 1);
        await first.PublishAllAsync("a secret");
        await first.ResetAsync();
        RawPeer second = await broker.ResumeAsync(first.Identity);
        await second.ReconcileAsync(ReconcilePolicy.Conservative, Held(kept), Held(kept) with { Topic = "lost" });
        await broker.ResumeAsync(first.Identity with { ResumeToken = Guid.NewGuid() }, ResumeOutcome.Rejected);
        await broker.ResumeAsync(first.Identity with { ClientId = Guid.NewGuid() }, ResumeOutcome.NotFound);
        await second.ResetAsync();
        broker.Advance(Grace);

        Fibril.Broker.Sessions.Resume.SessionCounters counters = broker.Sessions.Counters;
        Assert.Equal(
            (1, 1, 1, 1),
            (counters.CountOf(ResumeOutcome.New), counters.CountOf(ResumeOutcome.Resumed), counters.CountOf(ResumeOutcome.Rejected), counters.CountOf(ResumeOutcome.NotFound)));
        Assert.Equal((2, 1, 1), (counters.GraceEntered, counters.GraceExpired, counters.Reconciliations));
        Assert.Equal(
            (1, 1, 1),
            (counters.CountOf(CloseReason.Matched), counters.CountOf(CloseReason.Recreate), counters.CountOf(CloseReason.ClientMissing)));
        string log = broker.Log.ToString();
        Assert.Contains($"Session {first.Identity.ClientId} was reconciled with raw 127.0.0.1:50000, policy Conservative: Recreate 1, Matched 1, ClientMissing 1", log, StringComparison.Ordinal);
        Assert.DoesNotContain("a secret", log, StringComparison.Ordinal);
        Assert.DoesNotContain(first.Identity.ResumeToken.ToString(), log, StringComparison.Ordinal);
    }

    [Fact] // RES-10
    public async Task A_connection_that_never_logged_in_leaves_no_session()
    {
        await using SessionHarness broker = NewBroker();
        RawPeer peer = broker.Accept();
        await peer.HelloAsync();
        await peer.CloseAsync();
        Assert.Empty(broker.Sessions.All);
    }

    private static SubscriptionDescriptor Held(SubscribeOkMessage subscription, uint prefetch = 1, bool autoAck = false) => new(
        subscription.SubscriptionId, subscription.Topic, subscription.Partition, subscription.Group, autoAck, prefetch,
        ConsumerGroup: null, ConsumerTarget: null, MemberId: null);

    private static SessionHarness NewBroker(Action<Fibril.Broker.Sessions.SessionOptions>? configure = null)
    {
        SessionHarness broker = SessionHarness.WithoutPushes(configure);
        broker.Resume.ReconnectGrace = Grace;
        return broker;
    }
}
