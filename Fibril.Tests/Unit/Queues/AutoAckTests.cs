using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Semantics section 2.8: the broker settles what it has sent.</summary>
public sealed class AutoAckTests
{
    [Theory] // M-70, M-72
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void What_was_sent_is_settled_without_a_word_from_the_consumer(Ending ending)
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe(autoAck: true);
        queue.Publish("a", "b");
        Assert.Equal(["a", "b"], consumer.Texts);
        queue.Advance(LeaseTime);
        Assert.Equal(["a", "b"], consumer.Texts);

        queue.Restart(ending);
        Assert.Empty(queue.Subscribe().Deliveries);
    }

    [Fact] // M-70
    public void A_delivery_is_not_settled_before_it_was_sent()
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe(autoAck: true);
        consumer.SendsAtOnce = false;
        queue.Publish("a");
        Assert.Equal(1, consumer.Subscription.InFlight);
        queue.RestartNow(Ending.Kill);
        Assert.Equal(["a"], queue.Subscribe().Texts);
    }

    [Fact] // M-70: tag by tag
    public void Of_what_was_written_only_what_was_sent_is_settled()
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe(autoAck: true);
        consumer.SendsAtOnce = false;
        queue.Publish("a", "b", "c");
        consumer.Subscription.SentThrough = consumer.Deliveries[1].Tag;
        queue.Harness.Partition.Signal(consumer.Subscription, mayRunHere: false);
        queue.Harness.Run();
        Assert.Equal(1, consumer.Subscription.InFlight);

        queue.Harness.Unsubscribe(consumer);
        Assert.Equal(["c"], queue.Subscribe(prefetch: 10).Texts);
    }

    [Fact] // M-70: what was sent last counts although the consumer is gone
    public void What_was_sent_just_before_the_subscription_ended_is_settled()
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe(autoAck: true);
        consumer.SendsAtOnce = false;
        queue.Publish("a");
        consumer.Send();
        queue.Harness.Unsubscribe(consumer);
        Assert.Empty(queue.Subscribe().Deliveries);
    }

    [Fact] // M-71
    public void What_could_not_be_sent_is_ready_for_others()
    {
        using var queue = new QueueScenario();
        Consumer stuck = queue.Subscribe(autoAck: true);
        stuck.Room = 0;
        queue.Publish("a");
        Consumer other = queue.Subscribe();
        Assert.Equal(["a"], other.Texts);
        Assert.Equal(0, stuck.Subscription.InFlight);
    }

    [Fact] // DLV-7
    public void The_window_is_the_room_of_the_output_and_not_the_prefetch()
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe(prefetch: 1, autoAck: true);
        consumer.SendsAtOnce = false;
        consumer.Room = 3;
        queue.Publish("a", "b", "c", "d");
        Assert.Equal(["a", "b", "c"], consumer.Texts);
    }

    [Fact] // M-72: there is nothing to settle in this mode
    public void Settlements_of_an_auto_ack_consumer_are_ignored()
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe(autoAck: true);
        consumer.SendsAtOnce = false;
        queue.Publish("a");
        foreach (SettleKind kind in Enum.GetValues<SettleKind>()) queue.Harness.Settle(consumer, consumer.Deliveries[0].Tag, kind);
        Assert.Equal(1, consumer.Subscription.InFlight);
        queue.Harness.Unsubscribe(consumer);
        Assert.Equal([("a", 0)], queue.Subscribe().Deliveries.Select(static delivery => (delivery.Text, delivery.Retries)));
    }

    [Fact] // M-47, M-64: both kinds of consumers compete for the same messages
    public void Auto_ack_and_manual_consumers_take_turns()
    {
        using var queue = new QueueScenario();
        Consumer automatic = queue.Subscribe(autoAck: true);
        Consumer manual = queue.Subscribe(prefetch: 10);
        queue.Publish("a", "b", "c", "d");
        Assert.Equal(["a", "c"], automatic.Texts);
        Assert.Equal(["b", "d"], manual.Texts);
        Assert.Equal([new OffsetRange(0, 1), new OffsetRange(2, 3)], queue.StopAndReadState().Settled);
    }
}
