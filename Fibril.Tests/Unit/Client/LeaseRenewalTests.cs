using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Client;

/// <summary>L-19: asking for more time for one message.</summary>
public sealed class LeaseRenewalTests
{
    private static readonly DateTimeOffset Midnight = DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_600_000);

    [Fact]
    public async Task A_renewal_names_the_delivery_and_says_until_when_the_lease_runs()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (ReceivedMessage message, _) = await ReceiveAsync(session);
        session.Time.Advance(TimeSpan.FromSeconds(2));
        Task<LeaseRenewal> renewing = message.RenewAsync();
        SentFrame frame = await session.Peer.ReadAsync(OpCode.RenewLease);
        Assert.Equal("46524c31" + "000000066f7264657273" + "00" + "00000000" + "00000001" + "0000000000002329", Hex.Text(frame.Body));
        session.Time.Advance(TimeSpan.FromSeconds(1)); // the way to the broker and back counts against the lease
        session.Peer.Send(frame.Id, new RenewLeaseOkMessage(30_000, []));
        Assert.Equal(new LeaseRenewal(LeaseRenewalOutcome.Renewed, Midnight.AddSeconds(32)), await Patience.Wait(renewing));
        Assert.False(message.IsSettled);
        await message.CompleteAsync();
        await session.Peer.ReadAsync(OpCode.Ack);
    }

    [Fact] // M-33
    public async Task A_lease_that_is_over_is_lost_and_can_still_be_asked_for()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (ReceivedMessage message, _) = await ReceiveAsync(session);
        for (int i = 0; i < 2; i++)
        {
            Task<LeaseRenewal> renewing = message.RenewAsync();
            session.Peer.Send((await session.Peer.ReadAsync(OpCode.RenewLease)).Id, new RenewLeaseOkMessage(30_000, [9001]));
            Assert.Equal(new LeaseRenewal(LeaseRenewalOutcome.Lost, null), await Patience.Wait(renewing));
        }
    }

    [Fact] // ENC-3: an older broker
    public async Task A_broker_that_does_not_know_the_operation_is_asked_once()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (ReceivedMessage message, _) = await ReceiveAsync(session);
        Task<LeaseRenewal> renewing = message.RenewAsync();
        session.Peer.SendError((await session.Peer.ReadAsync(OpCode.RenewLease)).Id, ErrorCode.Invalid, "operation 1000 is not known");
        Assert.Equal(new LeaseRenewal(LeaseRenewalOutcome.NotSupported, null), await Patience.Wait(renewing));
        Assert.Equal(LeaseRenewalOutcome.NotSupported, (await Patience.Wait(message.RenewAsync())).Outcome);
        await AssertNothingWasSentAsync(session);
        await message.CompleteAsync(); // and everything else goes on
        await session.Peer.ReadAsync(OpCode.Ack);
    }

    [Fact]
    public async Task Another_refusal_is_an_error_and_says_nothing_about_the_next_time()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (ReceivedMessage message, _) = await ReceiveAsync(session);
        Task<LeaseRenewal> renewing = message.RenewAsync();
        session.Peer.SendError((await session.Peer.ReadAsync(OpCode.RenewLease)).Id, ErrorCode.ServerFault, "the disk is gone");
        Assert.True((await Assert.ThrowsAsync<FibrilServerException>(() => Patience.Wait(renewing))).IsTransient);

        renewing = message.RenewAsync();
        session.Peer.Send((await session.Peer.ReadAsync(OpCode.RenewLease)).Id, new RenewLeaseOkMessage(30_000, []));
        Assert.Equal(LeaseRenewalOutcome.Renewed, (await Patience.Wait(renewing)).Outcome);
    }

    [Fact]
    public async Task A_settled_message_has_no_lease_and_nobody_is_asked()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (ReceivedMessage message, _) = await ReceiveAsync(session);
        await message.CompleteAsync();
        await session.Peer.ReadAsync(OpCode.Ack);
        Assert.Equal(LeaseRenewalOutcome.Lost, (await Patience.Wait(message.RenewAsync())).Outcome);
        await AssertNothingWasSentAsync(session);
    }

    [Fact]
    public async Task A_cancelled_call_asks_for_nothing()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (ReceivedMessage message, _) = await ReceiveAsync(session);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => message.RenewAsync(new CancellationToken(canceled: true)));
        await AssertNothingWasSentAsync(session);
    }

    [Fact]
    public async Task A_renewal_that_is_not_answered_ends_with_the_operation_timeout()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: static options => options.HeartbeatInterval = TimeSpan.FromHours(1));
        (ReceivedMessage message, _) = await ReceiveAsync(session);
        Task<LeaseRenewal> renewing = message.RenewAsync();
        await session.Peer.ReadAsync(OpCode.RenewLease);
        session.Time.Advance(TimeSpan.FromSeconds(30));
        var timeout = await Assert.ThrowsAsync<FibrilTimeoutException>(() => Patience.Wait(renewing));
        Assert.Contains("queue 'orders'", timeout.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lease_ends_with_its_connection()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (ReceivedMessage message, _) = await ReceiveAsync(session);
        Task<LeaseRenewal> waiting = message.RenewAsync();
        session.Peer.Abort();
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(waiting));
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(message.RenewAsync()));
    }

    [Theory] // a number that no clock holds
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 60)]
    public async Task A_lease_longer_than_any_time_ends_with_the_last_one(ulong leaseMs)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (ReceivedMessage message, _) = await ReceiveAsync(session);
        Task<LeaseRenewal> renewing = message.RenewAsync();
        session.Peer.Send((await session.Peer.ReadAsync(OpCode.RenewLease)).Id, new RenewLeaseOkMessage(leaseMs, []));
        Assert.Equal(9999, (await Patience.Wait(renewing)).RenewedUntil?.Year);
    }

    [Fact]
    public async Task An_answer_that_cannot_be_read_ends_the_connection()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        (ReceivedMessage message, _) = await ReceiveAsync(session);
        Task<LeaseRenewal> renewing = message.RenewAsync();
        session.Peer.SendFrame(OpCode.RenewLeaseOk, (await session.Peer.ReadAsync(OpCode.RenewLease)).Id, 1, 2, 3);
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(renewing));
        Assert.IsType<FibrilProtocolException>(session.Client.DisconnectReason);
    }

    [Fact]
    public async Task There_is_no_lease_when_the_broker_settles()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<Subscription> subscribing = session.Client.SubscribeAsync("orders", new SubscribeOptions { AutoAck = true });
        ScriptedPeer peer = await session.Broker.AcceptAsync();
        await peer.WelcomeWithoutTopologyAsync();
        await peer.AcceptSubscriptionAsync(1);
        Subscription subscription = await Patience.Wait(subscribing);
        peer.Deliver(1, subscriptionId: 1, tag: 5);
        ReceivedMessage message = await subscription.ReadOneAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => message.RenewAsync());
    }

    /// <summary>The next frame of the client is the ping that is caused here.</summary>
    internal static async Task AssertNothingWasSentAsync(ScriptedSession session)
    {
        Task<TimeSpan> ping = session.Client.PingAsync();
        session.Peer.Send((await session.Peer.ReadAsync(OpCode.Ping)).Id, default(PongMessage));
        await Patience.Wait(ping);
    }

    private static async Task<(ReceivedMessage Message, Subscription Subscription)> ReceiveAsync(ScriptedSession session)
    {
        Subscription subscription = await session.SubscribeAsync();
        session.Peer.Deliver(17, subscriptionId: 1, tag: 9001);
        return (await subscription.ReadOneAsync(), subscription);
    }
}
