using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.State;
using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Semantics section 3.2: the time to live of a message.</summary>
public sealed class ExpiryTests
{
    [Fact] // D-14, D-16: never rounded down
    public void A_message_is_delivered_up_to_its_deadline_and_not_from_then_on()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", timeToLive: OneSecond);
        queue.Publish("b", timeToLive: OneSecond + OneMs);
        queue.Advance(OneSecond);
        Assert.Equal(["b"], queue.Subscribe(prefetch: 10).Texts);
    }

    [Fact] // D-10
    public void A_message_without_a_time_to_live_never_expires()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        queue.Advance(TimeSpan.FromDays(3650));
        Assert.Equal(["a"], queue.Subscribe().Texts);
    }

    [Fact] // D-14: even if the background sweep has not reached it yet
    public void What_the_sweep_has_not_reached_is_not_delivered_either()
    {
        using QueueScenario queue = WithExpiryBatchOf(1);
        Consumer consumer = queue.Subscribe();
        queue.Publish("held");
        for (int i = 0; i < 5; i++) queue.Publish($"expired {i}", timeToLive: OneSecond);
        queue.Publish("alive");
        queue.Time.Advance(OneSecond); // and the partition has had no turn since

        // One turn frees the consumer's place, sweeps one message and delivers: the records are in memory already.
        queue.Complete(consumer, consumer.Deliveries[0]);
        Assert.Equal(["held", "alive"], consumer.Texts);
    }

    [Fact] // D-16, M-12: the remainder follows without waiting, with nobody there to ask for it
    public void More_than_one_pass_takes_expires_at_its_deadline()
    {
        using QueueScenario queue = WithExpiryBatchOf(1);
        for (int i = 0; i < 5; i++) queue.Publish($"expired {i}", timeToLive: OneSecond);
        queue.Publish("alive", timeToLive: OneSecond * 2);
        queue.Advance(OneSecond);

        QueueSnapshot state = queue.StopAndReadState();
        Assert.Equal([new OffsetRange(0, 5)], state.Settled);
        Assert.Equal([5L], state.Deadlines.Select(static entry => entry.Offset));
    }

    [Fact] // D-13
    public void A_message_does_not_expire_while_it_is_held_and_can_be_completed()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", timeToLive: OneSecond);
        Consumer consumer = queue.Subscribe();
        queue.Advance(OneSecond * 2);
        Assert.Equal(1, consumer.Subscription.InFlight);

        queue.Complete(consumer, consumer.Deliveries[0]);
        Assert.Equal(0, consumer.Subscription.InFlight);
        Assert.Equal([new OffsetRange(0, 1)], queue.StopAndReadState().Settled);
    }

    [Theory] // D-14
    [InlineData("retry")]
    [InlineData("retry later")]
    [InlineData("release")]
    [InlineData("end of lease")]
    public void A_message_that_comes_back_after_its_deadline_is_expired(string how)
    {
        using var queue = new QueueScenario();
        queue.Publish("a", timeToLive: OneSecond);
        Consumer consumer = queue.Subscribe();
        queue.Advance(OneSecond);
        if (how == "retry") queue.Retry(consumer, consumer.Deliveries[0]);
        if (how == "retry later") queue.Retry(consumer, consumer.Deliveries[0], delay: OneSecond);
        if (how == "release") queue.Harness.Unsubscribe(consumer);
        queue.Advance(LeaseTime);

        Assert.Single(consumer.Deliveries);
        Assert.Empty(queue.Subscribe().Deliveries);
        QueueSnapshot state = queue.StopAndReadState();
        Assert.Equal([new OffsetRange(0, 1)], state.Settled);
        Assert.Empty(state.Delayed);
    }

    [Fact] // D-14, F-60
    public void A_message_that_was_leased_when_a_wrong_clock_passed_its_deadline_expires_by_the_right_one()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", timeToLive: LeaseTime * 3);
        Consumer consumer = queue.Subscribe();
        queue.Time.Jump(LeaseTime * 4);
        queue.Advance(queue.Delivery.ExpiryPollInterval);
        queue.Time.Jump(LeaseTime * -4);
        queue.Harness.Unsubscribe(consumer);

        queue.Advance(LeaseTime * 3);
        QueueSnapshot state = queue.StopAndReadState();
        Assert.Equal([new OffsetRange(0, 1)], state.Settled);
    }

    [Theory] // D-18
    [InlineData(999, false)]
    [InlineData(1000, false)]
    [InlineData(1001, true)]
    public void A_delayed_message_lives_from_its_publish_on(int timeToLiveMs, bool isDelivered)
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe();
        queue.Publish("a", delay: OneSecond, timeToLive: TimeSpan.FromMilliseconds(timeToLiveMs));
        queue.Advance(OneSecond);
        Assert.Equal(isDelivered ? ["a"] : [], consumer.Texts);
    }

    [Fact] // D-18
    public void A_message_that_expired_while_it_was_delayed_is_settled_when_it_is_due()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", delay: OneSecond * 2, timeToLive: OneSecond);
        queue.Advance(OneSecond);
        queue.Advance(OneSecond);
        QueueSnapshot state = queue.StopAndReadState();
        Assert.Equal([new OffsetRange(0, 1)], state.Settled);
        Assert.Empty(state.Deadlines);
    }

    [Theory] // D-12
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void A_restart_keeps_the_deadline(Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Publish("a", timeToLive: OneSecond * 10);
        queue.Publish("b", delay: OneSecond, timeToLive: OneSecond * 10);
        long deadline = queue.In(OneSecond * 10);
        for (int life = 0; life < 2; life++) queue.Restart(ending);
        Consumer before = queue.Subscribe(prefetch: 2);
        queue.AdvanceTo(deadline - 1);
        Assert.Equal(["a", "b"], before.Texts);
        queue.Harness.Unsubscribe(before);

        queue.AdvanceTo(deadline);
        Assert.Empty(queue.Subscribe(prefetch: 2).Deliveries);
    }

    [Theory] // D-20, F-63
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void What_expired_while_the_broker_was_down_is_not_delivered(Ending ending)
    {
        using QueueScenario queue = WithExpiryBatchOf(1);
        for (int i = 0; i < 3; i++) queue.Publish($"expired {i}", timeToLive: OneSecond);
        queue.Publish("alive");
        queue.Restart(ending, downtime: OneSecond);
        Assert.Equal(["alive"], queue.Subscribe(prefetch: 10).Texts);
    }

    [Theory] // D-17
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void Expired_is_final_even_for_a_broker_that_starts_with_an_earlier_clock(Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Publish("a", timeToLive: OneSecond);
        queue.Advance(OneSecond);
        queue.Time.Jump(-TimeSpan.FromHours(1));
        queue.Restart(ending);
        Assert.Empty(queue.Subscribe().Deliveries);
    }

    [Fact] // M-12, F-60: the clock is looked at again within expiry_poll_min_ms
    public void A_wall_clock_set_forward_expires_what_it_has_passed()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", timeToLive: TimeSpan.FromHours(1));
        queue.Time.Jump(TimeSpan.FromHours(1));
        queue.Advance(queue.Delivery.ExpiryPollInterval);
        Assert.Equal([new OffsetRange(0, 1)], queue.StopAndReadState().Settled);
    }

    [Fact] // D-21
    public void Expiry_takes_single_messages_out_of_the_middle()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        queue.Publish("b", timeToLive: OneSecond);
        queue.Publish("c");
        queue.Advance(OneSecond);
        Assert.Equal(["a", "c"], queue.Subscribe(prefetch: 10).Texts);
    }
}
