using Fibril.Broker.Queues;
using Fibril.Broker.Queues.State;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Queues that were declared with a most number of messages or bytes.</summary>
public sealed class QueueLimitTests
{
    private static readonly QueueSettings AtMostThree = QueueSettings.Default with { MaxMessages = 3 };

    [Fact]
    public void A_full_queue_refuses_what_it_has_no_room_for_and_takes_the_rest_of_a_batch()
    {
        using var queue = new QueueScenario(AtMostThree);
        queue.Publish("a");
        ulong[] ids = queue.Harness.Publish(TestMessage.Of("b"), TestMessage.Of("c"), TestMessage.Of("d"), TestMessage.Of("e"));
        Assert.Equal([1, 2], ids[..2].Select(id => queue.Harness.Publisher.Confirmed[id]));
        Assert.Equal(ids[2..], queue.Harness.Publisher.Failed.Keys.Order());
        Assert.Equal(ErrorCode.NoRoom, queue.Harness.Publisher.LastCode);
        Assert.Contains("holds the 3 messages that it may", queue.Harness.Publisher.Failed[ids[3]], StringComparison.Ordinal);

        Consumer consumer = queue.Subscribe(prefetch: 3);
        Assert.Equal(["a", "b", "c"], consumer.Texts);
        queue.Publish("leased messages count");
        Assert.Equal(3, queue.Harness.Publisher.Failed.Count);
        queue.Complete(consumer, consumer.Deliveries[1]);
        queue.Publish("room again");
        Assert.Equal("room again", consumer.Texts.Last());
        Assert.Equal(3, consumer.Deliveries[^1].Offset); // S-2: those that were refused have taken no offset
    }

    [Fact]
    public void Messages_on_their_way_to_the_disk_count()
    {
        using var queue = new QueueScenario(AtMostThree);
        for (int i = 0; i < 5; i++) queue.Harness.Post(TestMessage.Of("x"));
        queue.Harness.Run();
        Assert.Equal((3, 2), (queue.Harness.Publisher.Confirmed.Count, queue.Harness.Publisher.Failed.Count));
    }

    [Fact]
    public void A_limit_outlives_a_restart_and_counts_what_is_there()
    {
        using var queue = new QueueScenario(AtMostThree);
        queue.Publish("a", "b");
        queue.Restart(Ending.Kill);
        queue.Publish("c", "d");
        Assert.Single(queue.Harness.Publisher.Failed);
    }

    [Fact] // the oldest goes, and what is held does not
    public void A_queue_that_drops_its_oldest_takes_everything_and_keeps_the_newest()
    {
        using var queue = new QueueScenario(AtMostThree with { Overflow = OverflowPolicy.DropOldest });
        queue.Publish("held", "a", "b");
        Consumer consumer = queue.Subscribe();
        queue.Publish("c", "d");
        Assert.Empty(queue.Harness.Publisher.Failed);
        Assert.Equal(3, queue.Harness.Partition.ActiveCount);
        queue.Complete(consumer, consumer.Deliveries[0]);
        queue.Restart(Ending.Kill);
        Assert.Equal(["c", "d"], queue.Subscribe(prefetch: 10).Texts);
    }

    [Fact] // D-32, D-48
    public void What_is_dropped_goes_over_to_the_dead_letter_policy()
    {
        using var queues = new DeadLetterScenario(new QueueSettings(null, null, DeadLetterScenario.ToTarget)
        {
            MaxMessages = 2,
            Overflow = OverflowPolicy.DropOldest,
        });
        queues.Publish("a", "b", "c", "d");
        Assert.Equal([("a", "overflow"), ("b", "overflow")], queues.Arrived().Select(static copy => (copy.Text, copy.Reason)));
        Assert.Equal(["c", "d"], queues.Left().Select(static message => message.Text));
    }

    [Fact]
    public void A_limit_in_bytes_is_kept_by_the_mean_size_of_the_messages()
    {
        using var queue = new QueueScenario(QueueSettings.Default with { MaxBytes = 10_000 });
        for (int i = 0; i < 20; i++) queue.Publish(new string('x', 1000));
        Assert.InRange(queue.Harness.Publisher.Confirmed.Count, 8, 10);
        Assert.Equal(20, queue.Harness.Publisher.Confirmed.Count + queue.Harness.Publisher.Failed.Count);
    }
}
