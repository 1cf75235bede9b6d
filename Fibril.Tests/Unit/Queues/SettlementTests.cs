using Fibril.Broker.Queues;
using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Semantics sections 2.3 and 2.4: the four ways to settle, dead tags, and the retry budget.</summary>
public sealed class SettlementTests
{
    private static readonly TimeSpan LongerThanAnyLease = LeaseTime * 2;

    [Theory] // M-2, M-21, M-22, D-31
    [InlineData(SettleKind.Complete, Ending.Stop)]
    [InlineData(SettleKind.Complete, Ending.Kill)]
    [InlineData(SettleKind.Complete, Ending.PowerLoss)]
    [InlineData(SettleKind.Fail, Ending.Stop)]
    [InlineData(SettleKind.Fail, Ending.Kill)]
    [InlineData(SettleKind.Fail, Ending.PowerLoss)]
    internal void Completed_and_failed_messages_never_come_again(SettleKind kind, Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        queue.Harness.Settle(consumer, consumer.Deliveries[0].Tag, kind);
        queue.Advance(LongerThanAnyLease);
        Assert.Single(consumer.Deliveries);

        queue.Restart(ending);
        Assert.Empty(queue.Subscribe().Deliveries);
    }

    [Fact] // M-23, M-44
    public void A_retry_brings_the_message_back_at_once_and_counts()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        for (int i = 0; i < 3; i++) queue.Retry(consumer, consumer.Deliveries[i]);
        Assert.Equal([0, 1, 2, 3], consumer.Deliveries.Select(static delivery => delivery.Retries));
        Assert.Equal(4, consumer.Deliveries.Select(static delivery => delivery.Tag).Distinct().Count()); // M-34
    }

    [Fact] // M-32, F-5
    public void The_first_settlement_wins()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b");
        Consumer consumer = queue.Subscribe(prefetch: 2);
        TestDelivery completed = consumer.Deliveries[0];
        TestDelivery failed = consumer.Deliveries[1];
        queue.Complete(consumer, completed);
        queue.Retry(consumer, completed);
        queue.Fail(consumer, failed);
        queue.Retry(consumer, failed, delay: OneSecond);
        queue.Advance(LongerThanAnyLease);
        Assert.Equal(["a", "b"], consumer.Texts);
    }

    [Theory] // M-33: settled, expired or released, a dead tag leaves the next lease alone
    [InlineData("retry")]
    [InlineData("end of lease")]
    [InlineData("release")]
    public void A_dead_tag_does_nothing_to_a_later_lease_of_its_message(string how)
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer first = queue.Subscribe();
        TestDelivery dead = first.Deliveries[0];
        if (how == "retry") queue.Retry(first, dead);
        if (how == "end of lease") queue.Advance(LeaseTime);
        if (how == "release") queue.Harness.Unsubscribe(first);
        Consumer holder = how == "release" ? queue.Subscribe() : first;
        TestDelivery alive = holder.Deliveries[^1];
        Assert.NotEqual(dead.Tag, alive.Tag);

        foreach (SettleKind kind in Enum.GetValues<SettleKind>()) queue.Harness.Settle(holder, dead.Tag, kind);
        Assert.Equal(1, holder.Subscription.InFlight);
        queue.Retry(holder, alive);
        Assert.Equal(alive.Retries + 1, holder.Deliveries[^1].Retries);
    }

    [Fact] // M-36
    public void A_tag_settles_nothing_for_who_does_not_hold_it()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer holder = queue.Subscribe();
        Consumer other = queue.Subscribe();
        foreach (SettleKind kind in Enum.GetValues<SettleKind>()) queue.Harness.Settle(other, holder.Deliveries[0].Tag, kind);
        Assert.Equal(1, holder.Subscription.InFlight);
        Assert.Empty(other.Deliveries);

        queue.Advance(LeaseTime);
        Assert.Equal(2, holder.Deliveries.Count + other.Deliveries.Count);
    }

    [Fact] // M-31, M-37
    public void Every_tag_of_a_frame_is_judged_alone()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b", "c");
        Consumer consumer = queue.Subscribe(prefetch: 3);
        SettleCommand command = SettleCommand.Rent(queue.Harness.Partition, consumer.Subscription, receivedAt: 0);
        command.Add(consumer.Deliveries[0].Tag, SettleKind.Complete);
        command.Add(tag: 0, SettleKind.Complete);
        command.Add(ulong.MaxValue, SettleKind.Retry);
        command.Add(consumer.Deliveries[0].Tag, SettleKind.Retry);
        command.Add(consumer.Deliveries[2].Tag, SettleKind.Complete);
        Assert.Equal(5, command.Count);
        Assert.True(queue.Harness.Partition.TryPost(command));
        queue.Harness.Run();

        Assert.Equal(1, consumer.Subscription.InFlight);
        queue.Advance(LeaseTime);
        Assert.Equal(["a", "b", "c", "b"], consumer.Texts);
    }

    [Theory] // M-34
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    public void Tags_of_an_earlier_broker_are_dead(Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b", "c");
        Consumer before = queue.Subscribe(prefetch: 3);
        queue.Restart(ending);
        Consumer after = queue.Subscribe(prefetch: 3);
        foreach (TestDelivery old in before.Deliveries) queue.Complete(after, old);
        Assert.Equal(3, after.Subscription.InFlight);
        Assert.True(before.Deliveries.Max(static delivery => delivery.Tag) < after.Deliveries.Min(static delivery => delivery.Tag));
    }

    [Theory] // M-38, F-45: redelivered, never lost, never half applied
    [InlineData(SettleKind.Complete)]
    [InlineData(SettleKind.Retry)]
    internal void A_settlement_that_a_power_loss_takes_back_means_another_delivery(SettleKind kind)
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer before = queue.Subscribe();
        queue.Harness.Settle(before, before.Deliveries[0].Tag, kind);
        queue.RestartNow(Ending.PowerLoss);
        Assert.Equal([("a", 0)], queue.Subscribe().Deliveries.Select(static delivery => (delivery.Text, delivery.Retries)));
    }

    [Fact] // M-38: the bound is settlement_sync_interval_ms
    public void A_settlement_is_durable_when_its_interval_is_over()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer before = queue.Subscribe();
        queue.Complete(before, before.Deliveries[0]);
        queue.Advance(PartitionHarness.SmallSegments().SettlementSyncInterval);
        queue.RestartNow(Ending.PowerLoss);
        Assert.Empty(queue.Subscribe().Deliveries);
    }

    [Theory] // M-40, M-41
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_limit_of_n_allows_n_retries(int limit)
    {
        using QueueScenario queue = WithRetryLimit(limit);
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        for (int i = 0; i <= limit; i++) queue.Retry(consumer, consumer.Deliveries[i]);
        Assert.Equal(Enumerable.Range(0, limit + 1), consumer.Deliveries.Select(static delivery => delivery.Retries));
        Assert.Equal(0, consumer.Subscription.InFlight);

        queue.Restart(Ending.PowerLoss);
        Assert.Empty(queue.Subscribe().Deliveries);
    }

    [Fact] // M-40: a retry that waits uses the budget too
    public void A_retry_with_a_delay_beyond_the_limit_settles()
    {
        using QueueScenario queue = WithRetryLimit(0);
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        queue.Retry(consumer, consumer.Deliveries[0], delay: OneSecond);
        queue.Advance(LongerThanAnyLease);
        Assert.Single(consumer.Deliveries);
    }

    [Fact] // M-42, F-8
    public void No_limit_means_no_limit()
    {
        using QueueScenario queue = WithRetryLimit(null);
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        for (int i = 0; i < 300; i++) queue.Retry(consumer, consumer.Deliveries[i]);
        Assert.Equal(300, consumer.Deliveries[^1].Retries);
    }

    [Theory] // M-43: through the event log, and then through a snapshot
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void A_restart_keeps_the_retry_count(Ending ending)
    {
        using QueueScenario queue = WithRetryLimit(3);
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        for (int i = 0; i < 3; i++)
        {
            queue.Retry(consumer, consumer.Deliveries[^1]);
            queue.Restart(ending);
            consumer = queue.Subscribe();
            Assert.Equal(i + 1, consumer.Deliveries[0].Retries);
        }

        queue.Retry(consumer, consumer.Deliveries[0]);
        Assert.Single(consumer.Deliveries);
    }

    [Fact] // M-45
    public void Another_limit_applies_to_the_next_retry_with_the_count_so_far()
    {
        using QueueScenario queue = WithRetryLimit(null);
        queue.Publish("a", "b");
        Consumer consumer = queue.Subscribe();
        queue.Retry(consumer, consumer.Deliveries[0]);
        queue.Retry(consumer, consumer.Deliveries[1]);

        queue.LimitRetries(3);
        queue.Retry(consumer, consumer.Deliveries[2]);
        Assert.Equal(3, consumer.Deliveries[3].Retries);
        queue.LimitRetries(1);
        queue.Retry(consumer, consumer.Deliveries[3]);
        Assert.Equal(["a", "a", "a", "a", "b"], consumer.Texts);
    }
}
