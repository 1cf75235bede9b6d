using Fibril.Broker.Queues;
using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Semantics section 2.5: ready messages leave in the order of their offsets.</summary>
public sealed class DeliveryOrderTests
{
    [Fact] // M-46
    public void Messages_leave_in_the_order_they_came_in()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b");
        Consumer consumer = queue.Subscribe(prefetch: 10);
        queue.Publish("c");
        queue.Publish("d", "e");
        Assert.Equal(["a", "b", "c", "d", "e"], consumer.Texts);
        Assert.Equal([0, 1, 2, 3, 4], consumer.Offsets);
    }

    [Fact] // M-46
    public void A_retried_message_takes_its_old_place()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b", "c");
        Consumer consumer = queue.Subscribe();
        queue.Complete(consumer, consumer.Deliveries[0]);
        queue.Retry(consumer, consumer.Deliveries[1]);
        Assert.Equal(["a", "b", "b"], consumer.Texts);
    }

    [Fact] // M-46: also when what comes back has gaps
    public void Released_messages_leave_before_higher_ones()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b", "c", "d", "e", "f");
        Consumer leaving = queue.Subscribe(prefetch: 4);
        queue.Complete(leaving, leaving.Deliveries[1]);
        Assert.Equal(["a", "b", "c", "d", "e"], leaving.Texts);
        queue.Harness.Unsubscribe(leaving);
        Assert.Equal(["a", "c", "d", "e", "f"], queue.Subscribe(prefetch: 10).Texts);
    }

    [Fact] // M-46
    public void Messages_whose_leases_ended_leave_before_higher_ones()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b", "c");
        Consumer consumer = queue.Subscribe(prefetch: 2);
        queue.Advance(LeaseTime);
        Assert.Equal(["a", "b", "a", "b"], consumer.Texts);
    }

    [Fact] // D-5
    public void A_delayed_message_takes_its_place_when_it_is_due()
    {
        using var queue = new QueueScenario();
        queue.Publish("later", delay: OneSecond);
        queue.Publish("b", "c", "d");
        Consumer consumer = queue.Subscribe();
        Assert.Equal(["b"], consumer.Texts);

        queue.Advance(OneSecond);
        queue.Complete(consumer, consumer.Deliveries[0]);
        queue.Complete(consumer, consumer.Deliveries[1]);
        Assert.Equal(["b", "later", "c"], consumer.Texts);
    }

    [Fact] // D-5
    public void Messages_that_are_due_together_leave_by_offset_and_not_by_their_times()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", delay: OneSecond * 3);
        queue.Publish("b", delay: OneSecond);
        queue.Publish("c", delay: OneSecond * 2);
        Consumer consumer = queue.Subscribe(prefetch: 10);
        queue.Advance(OneSecond * 3);
        Assert.Equal(["a", "b", "c"], consumer.Texts);
    }

    [Theory] // M-46, S-2
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void A_restart_keeps_the_order(Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b", "c", "d");
        Consumer before = queue.Subscribe(prefetch: 3);
        queue.Complete(before, before.Deliveries[1]);
        queue.Restart(ending);
        queue.Publish("e");

        Consumer after = queue.Subscribe(prefetch: 10);
        Assert.Equal(["a", "c", "d", "e"], after.Texts);
        Assert.Equal([0, 2, 3, 4], after.Offsets);
    }

    [Fact] // M-46: over segments that no memory holds
    public void A_backlog_is_read_from_the_disk_in_order()
    {
        const int Count = 2000;
        using var queue = new QueueScenario();
        string[] texts = [.. Enumerable.Range(0, Count).Select(static i => $"message {i}")];
        foreach (string[] batch in texts.Chunk(50)) queue.Publish(batch);
        Assert.True(queue.Harness.Disk.ListFiles(queue.Harness.Directory).Count > 5, "the backlog is too small for several segments");
        Assert.Equal(texts, queue.Subscribe(prefetch: Count).Texts);
    }

    [Fact] // M-49, F-61
    public void A_wall_clock_that_goes_back_changes_no_order()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        queue.Time.Jump(-TimeSpan.FromHours(1));
        queue.Publish("b");
        Assert.Equal(["a", "b"], queue.Subscribe(prefetch: 2).Texts);
    }
}
