using Fibril.Broker.Queues;
using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Semantics section 2.7: how much a consumer holds, and whose turn it is.</summary>
public sealed class PrefetchTests
{
    [Theory] // M-60, M-62
    [InlineData(1)]
    [InlineData(3)]
    public void No_more_than_prefetch_is_held_however_much_waits(int prefetch)
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe(prefetch);
        queue.Publish("a", "b");
        queue.Publish("c", "d", "e");
        Assert.Equal(prefetch, consumer.Deliveries.Count);
        Assert.Equal(prefetch, consumer.Subscription.InFlight);
    }

    [Fact] // M-60
    public void The_largest_prefetch_there_is_sets_no_limit()
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe(int.MaxValue);
        for (int i = 0; i < 10; i++) queue.Publish([.. Enumerable.Repeat("x", 100)]);
        Assert.Equal(1000, consumer.Deliveries.Count);
    }

    [Theory] // M-63
    [InlineData("complete")]
    [InlineData("fail")]
    [InlineData("retry later")]
    public void A_settlement_frees_one_place(string how)
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b", "c", "d");
        Consumer consumer = queue.Subscribe(prefetch: 2);
        TestDelivery first = consumer.Deliveries[0];
        if (how == "complete") queue.Complete(consumer, first);
        else if (how == "fail") queue.Fail(consumer, first);
        else queue.Retry(consumer, first, delay: OneSecond);
        Assert.Equal(["a", "b", "c"], consumer.Texts);
    }

    [Fact] // M-63, M-30: a settlement that finds nothing frees nothing
    public void A_repeated_settlement_frees_no_second_place()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b", "c");
        Consumer consumer = queue.Subscribe();
        for (int i = 0; i < 3; i++) queue.Complete(consumer, consumer.Deliveries[0]);
        Assert.Equal(["a", "b"], consumer.Texts);
    }

    [Fact] // M-63
    public void The_end_of_a_lease_frees_its_place_for_another_message()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", timeToLive: LeaseTime);
        queue.Publish("b");
        Consumer consumer = queue.Subscribe();
        queue.Advance(LeaseTime);
        Assert.Equal(["a", "b"], consumer.Texts);
    }

    [Fact] // M-64, M-65, M-47
    public void Consumers_with_free_places_take_turns()
    {
        using var queue = new QueueScenario();
        Consumer[] consumers = [queue.Subscribe(prefetch: 100), queue.Subscribe(prefetch: 100), queue.Subscribe(prefetch: 100)];
        queue.Publish("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        Assert.Equal([0, 3, 6, 9], consumers[0].Offsets);
        Assert.Equal([1, 4, 7], consumers[1].Offsets);
        Assert.Equal([2, 5, 8], consumers[2].Offsets);
    }

    [Fact] // M-64: the turn is kept from one burst to the next
    public void Messages_one_by_one_go_round()
    {
        using var queue = new QueueScenario();
        Consumer[] consumers = [queue.Subscribe(prefetch: 100), queue.Subscribe(prefetch: 100)];
        for (int i = 0; i < 6; i++) queue.Publish($"{i}");
        Assert.Equal([0, 2, 4], consumers[0].Offsets);
        Assert.Equal([1, 3, 5], consumers[1].Offsets);
    }

    [Fact] // M-65
    public void A_burst_of_many_turns_is_shared_evenly()
    {
        const int Count = 10_000;
        using var queue = new QueueScenario();
        foreach (string[] batch in Enumerable.Repeat("x", Count).Chunk(500)) queue.Publish(batch);
        Consumer[] consumers = [.. Enumerable.Range(0, 3).Select(_ => new Consumer(queue.Harness.Partition, Count, autoAck: false))];
        foreach (Consumer consumer in consumers) Assert.True(queue.Harness.Partition.TryPost(new SubscribeCommand(consumer.Subscription)));
        queue.Harness.Run();

        // The first post runs a turn before the others are there; what it finds in memory, which is nothing yet, is the first one's.
        Assert.All(consumers, static consumer => Assert.InRange(consumer.Deliveries.Count, (Count / 3) - 1, (Count / 3) + 2));
        Assert.Equal(Count, consumers.Sum(static consumer => consumer.Deliveries.Count));
    }

    [Fact] // M-66
    public void Who_has_no_free_place_is_passed_over_and_comes_back_into_the_round()
    {
        using var queue = new QueueScenario();
        Consumer small = queue.Subscribe(prefetch: 1);
        Consumer large = queue.Subscribe(prefetch: 100);
        queue.Publish("0", "1", "2", "3");
        Assert.Equal([0], small.Offsets);
        Assert.Equal([1, 2, 3], large.Offsets);

        queue.Complete(small, small.Deliveries[0]);
        queue.Publish("4", "5");
        Assert.Equal([0, 5], small.Offsets);
        Assert.Equal([1, 2, 3, 4], large.Offsets);
    }

    [Fact] // M-54, M-66
    public void What_an_output_does_not_take_goes_to_the_next_at_once()
    {
        using var queue = new QueueScenario();
        Consumer full = queue.Subscribe(prefetch: 10);
        full.Room = 0;
        Consumer other = queue.Subscribe(prefetch: 10);
        queue.Publish("a", "b");
        Assert.Empty(full.Deliveries);
        Assert.Equal(0, full.Subscription.InFlight);
        Assert.Equal(["a", "b"], other.Texts);
        Assert.All(other.Deliveries, static delivery => Assert.Equal(0, delivery.Retries)); // M-51
    }

    [Fact] // M-54
    public void A_full_output_is_offered_nothing_until_it_has_room_again()
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe(prefetch: 10);
        consumer.Room = 1;
        queue.Publish("a", "b", "c");
        Assert.Equal(["a"], consumer.Texts);

        consumer.Room = 10; // room that nobody has told the partition about
        queue.Publish("d");
        Assert.Equal(["a"], consumer.Texts);
        consumer.MakeRoom(10);
        queue.Harness.Run();
        Assert.Equal(["a", "b", "c", "d"], consumer.Texts);
    }

    [Fact] // M-62: a consumer that is gone has no places
    public void Nothing_is_delivered_to_an_ended_subscription()
    {
        using var queue = new QueueScenario();
        Consumer gone = queue.Subscribe(prefetch: 10);
        queue.Harness.Unsubscribe(gone);
        queue.Publish("a");
        gone.MakeRoom(10);
        queue.Harness.Run();
        Assert.Empty(gone.Deliveries);
        Assert.Equal(["a"], queue.Subscribe().Texts);
    }
}
