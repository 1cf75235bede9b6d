using Fibril.Client;
using Fibril.Client.Connection;
using Fibril.Client.Consuming;
using Fibril.Client.Routing;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Client;

/// <summary>One partition's subscription between those who feed it, those who use it and those who carry it over.</summary>
public sealed class SubscriptionLegTests
{
    private static readonly SubscriptionSpec Stream = new() { Channel = QueueAddress.Create("audit", group: null), Kind = ChannelKind.Stream, Prefetch = 8 };

    [Fact] // P-14: else the record would be neither read here nor asked for again
    public void A_record_that_comes_too_late_for_its_user_does_not_move_the_place()
    {
        var leg = new SubscriptionLeg(null!, Stream, partition: 0, incarnation: 1, StreamStart.Earliest);
        var deliveries = new DeliveryQueue(8);
        leg.Attach(deliveries, keeper: null);
        leg.Arrive(Record(leg, 5));
        leg.PublishArrivals();
        leg.Arrive(Record(leg, 6));
        leg.Detach();
        leg.PublishArrivals();
        Assert.Equal(StreamStart.AtOffset(6), leg.ResumeFrom);
    }

    [Fact]
    public async Task What_comes_back_for_a_subscription_that_has_ended_is_let_go()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        FibrilClient client = session.Client;
        var services = new SubscriptionServices(client.Context, client.Pool, client.Fetcher, static () => throw new InvalidOperationException());
        SubscriptionSpec spec = TestSpecs.Queue("orders");
        var ended = new FanIn(services, spec, new DeliveryQueue(1), static _ => { });
        var feed = new PartitionFeed(ended, partition: 0);
        await ended.DisposeAsync();
        BrokerSession home = client.Pool.Home;
        var again = new SubscriptionLeg(home, spec, partition: 0, home.Incarnation) { Owner = feed };
        home.Hold(again);
        feed.OnKept(new SubscriptionLeg(home, spec, partition: 0, home.Incarnation - 1), again);
        Assert.False(home.Holds(again));
    }

    [Fact] // an answer comes while its subscriber gives up
    public async Task A_leg_that_is_answered_while_it_is_abandoned_is_not_held()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        BrokerSession home = session.Client.Pool.Home;
        SubscriptionSpec spec = TestSpecs.Queue("orders");
        var owner = new PartitionFeed(null!, partition: 0);
        for (int i = 0; i < TestScale.Iterations(2_000); i++)
        {
            var leg = new SubscriptionLeg(home, spec, partition: 0, home.Incarnation) { Owner = owner };
            home.Hold(leg);
            bool isOver = false;
            Task answers = Task.Run(() =>
            {
                while (!Volatile.Read(ref isOver)) home.Hold(leg); // as often as it takes to come in between
            });
            home.Abandon(leg);
            Volatile.Write(ref isOver, true);
            await Patience.Wait(answers);
            Assert.False(home.Holds(leg));
        }
    }

    private static ReceivedMessage Record(SubscriptionLeg leg, ulong offset) => new(leg, 0, new DeliverMessage { Topic = "audit"u8, Offset = offset });
}
