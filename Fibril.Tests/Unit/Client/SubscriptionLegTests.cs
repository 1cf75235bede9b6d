using Fibril.Client;
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

    private static ReceivedMessage Record(SubscriptionLeg leg, ulong offset) => new(leg, 0, new DeliverMessage { Topic = "audit"u8, Offset = offset });
}
