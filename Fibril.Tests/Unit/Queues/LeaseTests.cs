using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Semantics section 2.2: a delivery is a lease with a deadline.</summary>
public sealed class LeaseTests
{
    [Fact] // M-10, M-11, M-13, M-20
    public void A_lease_ends_at_its_deadline_and_not_a_millisecond_before()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        queue.Advance(LeaseTime - OneMs);
        queue.Publish("b"); // so that the partition has a turn
        Assert.Single(consumer.Deliveries);

        queue.Advance(OneMs);
        Assert.Equal(["a", "a"], consumer.Texts);
        Assert.NotEqual(consumer.Deliveries[0].Tag, consumer.Deliveries[1].Tag); // M-34
    }

    [Fact] // M-10: the deadline counts from the delivery, not from the publish
    public void A_lease_begins_with_the_delivery()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        queue.Advance(LeaseTime);
        Consumer consumer = queue.Subscribe();
        queue.Advance(LeaseTime - OneMs);
        Assert.Single(consumer.Deliveries);
    }

    [Fact] // M-11, F-3
    public void A_message_whose_lease_ended_goes_to_whoever_can_take_it()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer holder = queue.Subscribe();
        holder.Room = 0;
        Consumer other = queue.Subscribe();
        queue.Advance(LeaseTime);
        Assert.Equal(["a"], holder.Texts);
        Assert.Equal(["a"], other.Texts);
    }

    [Fact] // M-12: the remainder follows without waiting
    public void More_leases_than_one_pass_takes_all_end_at_their_deadline()
    {
        using QueueScenario queue = WithExpiryBatchOf(1);
        queue.Publish("a", "b", "c", "d");
        Consumer consumer = queue.Subscribe(prefetch: 4);
        queue.Advance(LeaseTime);
        Assert.Equal(["a", "a", "b", "b", "c", "c", "d", "d"], consumer.Texts.Order());
    }

    [Fact] // M-14
    public void The_end_of_a_lease_is_no_retry()
    {
        using QueueScenario queue = WithRetryLimit(0);
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        for (int i = 0; i < 3; i++) queue.Advance(LeaseTime);
        Assert.Equal([0, 0, 0, 0], consumer.Deliveries.Select(static delivery => delivery.Retries));
    }

    [Theory] // M-15
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void A_leased_message_is_ready_after_a_restart(Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer before = queue.Subscribe();
        queue.Restart(ending);

        Consumer after = queue.Subscribe();
        Assert.Equal(["a"], after.Texts);
        Assert.Equal(before.Deliveries[0].Offset, after.Deliveries[0].Offset);
        Assert.True(before.Deliveries[0].Tag < after.Deliveries[0].Tag, "M-34: a tag came again");
    }

    [Fact] // M-16
    public void Another_lease_time_applies_to_the_leases_after_it()
    {
        using var queue = new QueueScenario();
        queue.Publish("long", "short");
        Consumer first = queue.Subscribe();
        queue.Delivery.LeaseDuration = TimeSpan.FromSeconds(5);
        Consumer second = queue.Subscribe();

        queue.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["long"], first.Texts);
        Assert.Equal(["short", "short"], second.Texts);
        queue.Complete(second, second.Deliveries[1]);
        queue.Harness.Unsubscribe(second);
        queue.Advance(LeaseTime - TimeSpan.FromSeconds(5));
        Assert.Equal(["long", "long"], first.Texts);
    }

    [Fact] // M-18, M-33
    public void A_settlement_after_the_end_of_its_lease_has_no_effect()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        queue.Advance(LeaseTime);
        queue.Complete(consumer, consumer.Deliveries[0]);
        queue.Advance(LeaseTime);
        Assert.Equal(["a", "a", "a"], consumer.Texts);
    }

    [Fact] // M-33, F-6
    public void A_settlement_that_comes_too_late_leaves_the_lease_of_the_next_consumer_alone()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer late = queue.Subscribe();
        late.Room = 0;
        Consumer next = queue.Subscribe();
        queue.Advance(LeaseTime);
        foreach (SettleKind kind in Enum.GetValues<SettleKind>()) queue.Harness.Settle(late, late.Deliveries[0].Tag, kind);
        Assert.Equal(1, next.Subscription.InFlight);

        queue.Complete(next, Assert.Single(next.Deliveries));
        Assert.Equal([new OffsetRange(0, 1)], queue.StopAndReadState().Settled);
    }

    [Fact] // M-14, M-51, F-9
    public void A_message_that_takes_down_every_consumer_goes_on_being_delivered()
    {
        using QueueScenario queue = WithRetryLimit(0);
        queue.Publish("poison");
        for (int i = 0; i < 100; i++)
        {
            Consumer victim = queue.Subscribe();
            Assert.Equal([("poison", 0)], victim.Deliveries.Select(static delivery => (delivery.Text, delivery.Retries)));
            queue.Harness.Unsubscribe(victim);
        }
    }

    [Theory] // F-60, F-61: leases are timed by a clock that nobody sets
    [InlineData(1)]
    [InlineData(-1)]
    public void A_jump_of_the_wall_clock_moves_no_lease(int hours)
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        queue.Time.Jump(TimeSpan.FromHours(hours));
        queue.Advance(LeaseTime - OneMs);
        Assert.Single(consumer.Deliveries);
        queue.Advance(OneMs);
        Assert.Equal(2, consumer.Deliveries.Count);
    }

    [Fact] // M-50, M-51, Z-2
    public void What_an_ended_subscription_held_goes_to_the_others_at_once_and_counts_as_no_retry()
    {
        using QueueScenario queue = WithRetryLimit(0);
        queue.Publish("a", "b", "c");
        Consumer leaving = queue.Subscribe(prefetch: 2);
        Consumer staying = queue.Subscribe(prefetch: 3);
        Assert.Equal(["a", "b"], leaving.Texts);

        queue.Harness.Unsubscribe(leaving);
        Assert.Equal(["c", "a", "b"], staying.Texts);
        Assert.All(staying.Deliveries, static delivery => Assert.Equal(0, delivery.Retries));
    }

    [Fact] // M-50: nothing of an ended subscription is left to end a second time
    public void A_lease_that_was_released_does_not_end_again()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer leaving = queue.Subscribe();
        queue.Harness.Unsubscribe(leaving);
        queue.Advance(TimeSpan.FromSeconds(10));
        Consumer next = queue.Subscribe();
        queue.Advance(LeaseTime - OneMs);
        Assert.Single(next.Deliveries);
        Assert.Single(leaving.Deliveries);
    }
}
