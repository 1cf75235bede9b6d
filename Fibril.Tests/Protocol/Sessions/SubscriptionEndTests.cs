using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Sessions;
using Fibril.Broker.Sessions.Subscriptions;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>Every way in which the broker ends a subscription of a client that is there: it is told once, and never left in silence.</summary>
public sealed class SubscriptionEndTests
{
    private static readonly PartitionId Orders = new(new QueueName("orders", null), 0);

    public static TheoryData<string, CloseReason> Ways { get; } = new()
    {
        { "its queue is deleted", CloseReason.TopicDeleted },
        { "its partition breaks", CloseReason.ServerError },
        { "the broker stops", CloseReason.BrokerShutdown },
        { "a reconciliation finds it different", CloseReason.ServerMismatch },
        { "a reconciliation does not list it", CloseReason.ClientMissing },
    };

    [Theory] // R-32, CLS-4, FRM-17
    [MemberData(nameof(Ways))]
    public async Task The_client_is_told_exactly_once(string way, CloseReason expected)
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(5);
        RawPeer peer = await broker.ConnectAsync();
        SubscribeOkMessage subscription = await peer.SubscribeAsync(prefetch: 10);
        Task stopping = Task.CompletedTask;
        switch (way)
        {
            case "its queue is deleted":
                await broker.Queues.DeleteAsync(Orders.Queue);
                break;
            case "its partition breaks":
                await broker.BreakAsync(Orders);
                break;
            case "the broker stops":
                stopping = broker.StopAsync();
                break;
            case "a reconciliation finds it different":
                await ExpectVerdictAsync(
                    peer, expected, new SubscriptionDescriptor(subscription.SubscriptionId, "orders", 0, null, true, 10, null, null, null));
                break;
            default:
                await ExpectVerdictAsync(peer, expected);
                break;
        }

        if (way.StartsWith("a reconciliation", StringComparison.Ordinal))
        {
            await peer.ExpectSilenceAsync();
            return;
        }

        SubscriptionClosedMessage closed = await peer.ExpectPushAsync<SubscriptionClosedMessage>();
        Assert.Equal((subscription.SubscriptionId, expected), (closed.SubscriptionId, closed.Code));
        Assert.NotEmpty(closed.Message);
        if (expected == CloseReason.BrokerShutdown) await peer.ExpectClosedAsync();
        else await peer.ExpectSilenceAsync();
        await stopping;
    }

    [Fact] // nobody was there to be told, so the reconciliation tells it
    public async Task What_ended_while_the_client_was_away_is_told_by_the_reconciliation_and_by_nothing_else()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(5);
        RawPeer peer = await broker.ConnectAsync();
        SubscribeOkMessage subscription = await peer.SubscribeAsync();
        await peer.ResetAsync();
        await broker.Queues.DeleteAsync(Orders.Queue);
        RawPeer again = await broker.ResumeAsync(peer.Identity);
        await ExpectVerdictAsync(
            again, CloseReason.Recreate, new SubscriptionDescriptor(subscription.SubscriptionId, "orders", 0, null, false, 1, null, null, null));
        await again.ExpectSilenceAsync();
        await again.SubscribeAsync(); // CLS-3
    }

    [Fact] // CLS-4, R-32, REC-8: between the verdict and the first delivery
    public async Task What_ends_while_a_reconciliation_keeps_it_is_told_behind_the_verdict()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(5);
        RawPeer peer = await broker.ConnectAsync();
        SubscribeOkMessage subscription = await peer.SubscribeAsync();
        await peer.ResetAsync();
        RawPeer again = await broker.ResumeAsync(peer.Identity);
        Session session = Assert.Single(broker.Sessions.All);
        SessionSubscription kept = session.Find(Orders)!;
        broker.StallSyncs();
        ulong id = again.NewId();
        await again.SendAsync(id, new ReconcileClientMessage(ReconcilePolicy.Restore, [Held(subscription), Held(subscription) with { Topic = "another" }]));
        await broker.WhenSyncIsHeldUpAsync(); // for the second, and the first is judged
        await broker.BreakAsync(Orders);
        await Patience.Until(() => kept.IsClosed);
        broker.ResumeSyncs();

        ReconcileResultMessage result = await again.ExpectAsync<ReconcileResultMessage>(id);
        Assert.All(result.Verdicts, static verdict => Assert.Equal(ReconcileAction.Keep, verdict.Action));
        SubscriptionClosedMessage closed = await again.ExpectPushAsync<SubscriptionClosedMessage>();
        Assert.Equal((subscription.SubscriptionId, CloseReason.ServerError), (closed.SubscriptionId, closed.Code));
        await again.ExpectSilenceAsync();
    }

    [Fact] // CLS-4, X-1: who has asked for something is out of the handshake
    public async Task What_ended_unclaimed_during_a_long_handshake_is_told_when_that_is_over()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        (RawPeer peer, SubscribeOkMessage subscription) = await LetEndUnclaimedInTheHandshakeAsync(broker);
        await peer.TopologyAsync();
        broker.Advance(TimeSpan.FromSeconds(1));
        SubscriptionClosedMessage closed = await peer.ExpectPushAsync<SubscriptionClosedMessage>();
        Assert.Equal((subscription.SubscriptionId, CloseReason.ClientMissing), (closed.SubscriptionId, closed.Code));
        await peer.ExpectSilenceAsync();
    }

    [Fact] // CLS-4: the result says so
    public async Task What_ended_unclaimed_during_a_long_handshake_is_told_by_a_late_reconciliation_alone()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        (RawPeer peer, SubscribeOkMessage subscription) = await LetEndUnclaimedInTheHandshakeAsync(broker);
        await ExpectVerdictAsync(peer, CloseReason.Recreate, Held(subscription));
        broker.Advance(TimeSpan.FromSeconds(1));
        await peer.ExpectSilenceAsync();
    }

    [Fact] // a session may use one queue after the other for its replies
    public async Task A_session_forgets_the_subscriptions_of_queues_that_are_deleted()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        Session session = Assert.Single(broker.Sessions.All);
        for (int i = 0; i < 3; i++)
        {
            await peer.SubscribeAsync($"reply-{i}");
            await broker.Queues.DeleteAsync(new QueueName($"reply-{i}", null));
            await peer.ExpectPushAsync<SubscriptionClosedMessage>();
            await Patience.Until(() => session.SubscriptionCount == 0);
        }
    }

    [Fact] // I-10: who has ended does not keep what comes next in memory
    public async Task A_partition_is_not_in_use_by_the_subscriptions_that_it_has_ended()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync();
        PartitionSlot<QueuePartition> slot = broker.Queues.FindSlot(Orders)!;
        Assert.Equal(1, slot.CountOf(PartitionUse.Subscribe));
        await broker.BreakAsync(Orders);
        await peer.ExpectPushAsync<SubscriptionClosedMessage>();
        await Patience.Until(() => slot.CountOf(PartitionUse.Subscribe) == 0);
    }

    /// <summary>A resumed client that sends signs of life and nothing else, until what it does not claim has ended.</summary>
    private static async Task<(RawPeer Peer, SubscribeOkMessage Subscription)> LetEndUnclaimedInTheHandshakeAsync(SessionHarness broker)
    {
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(5);
        RawPeer first = await broker.ConnectAsync();
        SubscribeOkMessage subscription = await first.SubscribeAsync();
        await first.ResetAsync();
        RawPeer peer = await broker.ResumeAsync(first.Identity);
        peer.Inherit(subscription);
        for (int second = 0; second < 6; second++)
        {
            broker.Advance(TimeSpan.FromSeconds(1));
            await peer.PingAsync();
        }

        Assert.Equal(0, Assert.Single(broker.Sessions.All).SubscriptionCount);
        await peer.ExpectSilenceAsync();
        return (peer, subscription);
    }

    private static SubscriptionDescriptor Held(SubscribeOkMessage subscription) => new(
        subscription.SubscriptionId, subscription.Topic, subscription.Partition, subscription.Group, AutoAck: false, subscription.Prefetch,
        ConsumerGroup: null, ConsumerTarget: null, MemberId: null);

    private static async Task ExpectVerdictAsync(RawPeer peer, CloseReason expected, params SubscriptionDescriptor[] held) =>
        Assert.Equal(expected, Assert.Single(await peer.ReconcileAsync(ReconcilePolicy.Conservative, held)).Code);
}
