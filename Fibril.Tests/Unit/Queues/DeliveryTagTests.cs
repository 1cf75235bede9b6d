using Fibril.Broker.Channels;
using Fibril.Broker.Queues.Delivery;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Delivery tags: M-34, DLV-3.</summary>
public sealed class DeliveryTagTests
{
    [Fact] // M-34
    public void No_tag_is_handed_out_twice()
    {
        var tags = new DeliveryTags(new FakeTimeProvider());
        ulong first = tags.Reserve(64);
        ulong second = tags.Reserve(1);
        ulong third = tags.Reserve(64);
        Assert.Equal((first + 64, first + 65), (second, third));
        Assert.True(first > 0);
    }

    [Fact] // M-34: as long as it hands out no more than two million a second
    public void A_process_that_starts_later_begins_above_all_of_them()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        ulong last = new DeliveryTags(time).Reserve(2000) + 1999;
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(new DeliveryTags(time).Reserve(1) > last);
    }

    [Fact] // DLV-3: clients that count in doubles
    public void Tags_stay_below_2_to_the_53_for_the_life_of_the_product()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.InRange(new DeliveryTags(time).Reserve(int.MaxValue), 1UL, (1UL << 53) - int.MaxValue);
    }
}
