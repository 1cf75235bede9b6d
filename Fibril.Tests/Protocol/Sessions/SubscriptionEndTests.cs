using Fibril.Broker.Primitives;
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

    private static async Task ExpectVerdictAsync(RawPeer peer, CloseReason expected, params SubscriptionDescriptor[] held) =>
        Assert.Equal(expected, Assert.Single(await peer.ReconcileAsync(ReconcilePolicy.Conservative, held)).Code);
}
