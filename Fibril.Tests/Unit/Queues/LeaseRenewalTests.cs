using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Queues.State;
using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>L-19: who is alive and working keeps a message for longer than one lease.</summary>
public sealed class LeaseRenewalTests
{
    private static readonly TimeSpan TenSeconds = TimeSpan.FromSeconds(10);

    [Fact] // L-19, M-11
    public void A_renewed_lease_runs_for_a_whole_lease_time_from_its_renewal()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        queue.Advance(TenSeconds);
        Assert.Equal(LeaseTime, queue.Harness.Renew(consumer, consumer.Deliveries[0].Tag).LeaseDuration);
        queue.Advance(LeaseTime - OneMs);
        Assert.Single(consumer.Deliveries);
        queue.Advance(OneMs);
        Assert.Equal(["a", "a"], consumer.Texts);
    }

    [Fact] // L-19
    public void A_lease_can_be_renewed_any_number_of_times()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        for (int i = 0; i < 20; i++)
        {
            queue.Advance(LeaseTime - OneMs);
            Assert.True(queue.Renew(consumer, consumer.Deliveries[0]));
        }

        Assert.Single(consumer.Deliveries);
        queue.Complete(consumer, consumer.Deliveries[0]);
        queue.Advance(LeaseTime);
        Assert.Single(consumer.Deliveries);
    }

    [Fact] // M-33
    public void A_lease_that_expired_cannot_be_renewed_and_the_one_after_it_is_not_touched()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        queue.Advance(LeaseTime);
        Assert.Equal(["a", "a"], consumer.Texts);
        queue.Advance(TenSeconds);
        Assert.False(queue.Renew(consumer, consumer.Deliveries[0]));
        queue.Advance(LeaseTime - TenSeconds);
        Assert.Equal(["a", "a", "a"], consumer.Texts);
    }

    [Fact] // M-33
    public void A_lease_that_expired_after_its_renewal_cannot_be_renewed_again()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        queue.Advance(TenSeconds);
        Assert.True(queue.Renew(consumer, consumer.Deliveries[0]));
        queue.Advance(LeaseTime);
        Assert.False(queue.Renew(consumer, consumer.Deliveries[0]));
    }

    [Theory] // M-32, M-33
    [InlineData(SettleKind.Complete)]
    [InlineData(SettleKind.Fail)]
    [InlineData(SettleKind.Retry)]
    internal void A_settled_delivery_has_nothing_to_renew(SettleKind kind)
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        queue.Harness.Settle(consumer, consumer.Deliveries[0].Tag, kind);
        Assert.False(queue.Renew(consumer, consumer.Deliveries[0]));
    }

    [Fact] // M-36
    public void Nobody_renews_the_lease_of_another()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b");
        Consumer holder = queue.Subscribe();
        Consumer other = queue.Subscribe();
        queue.Advance(TenSeconds);
        Assert.False(queue.Renew(other, holder.Deliveries[0]));
        queue.Advance(LeaseTime - TenSeconds);
        Assert.Equal(["a", "a", "b", "b"], holder.Texts.Concat(other.Texts).Order());
    }

    [Fact] // M-37: each tag is judged by itself, and the answer names the dead ones in the order of the request
    public void Of_a_batch_those_are_renewed_that_live()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b", "c");
        Consumer consumer = queue.Subscribe(prefetch: 3);
        ulong[] tags = [.. consumer.Deliveries.Select(static delivery => delivery.Tag)];
        queue.Complete(consumer, consumer.Deliveries[1]);
        queue.Advance(TenSeconds);
        LeaseAnswer answer = queue.Harness.Renew(consumer, ulong.MaxValue, tags[2], tags[1], tags[0], 0);
        Assert.Equal([ulong.MaxValue, tags[1], 0UL], answer.DeadTags);
        queue.Advance(LeaseTime - OneMs);
        Assert.Equal(3, consumer.Deliveries.Count);
        queue.Advance(OneMs);
        Assert.Equal(["a", "c"], consumer.Texts.Skip(3));
    }

    [Fact]
    public void Who_asks_for_nothing_learns_how_long_a_lease_is()
    {
        using var queue = new QueueScenario();
        LeaseAnswer answer = queue.Harness.Renew(queue.Subscribe());
        Assert.Equal(LeaseTime, answer.LeaseDuration);
        Assert.Empty(answer.DeadTags);
    }

    [Theory] // one answer, behind the last command
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void A_request_in_several_commands_is_answered_once(int mostTagsPerCommand)
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b");
        Consumer consumer = queue.Subscribe(prefetch: 2);
        ulong[] tags = [1, consumer.Deliveries[0].Tag, 2, 3, consumer.Deliveries[1].Tag, 4];
        Assert.Equal([1UL, 2UL, 3UL, 4UL], queue.Harness.Renew(consumer, mostTagsPerCommand, tags).DeadTags);
    }

    [Fact] // M-14, M-42
    public void A_renewal_is_no_retry()
    {
        using QueueScenario queue = WithRetryLimit(0);
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        for (int i = 0; i < 3; i++) Assert.True(queue.Renew(consumer, consumer.Deliveries[0]));
        queue.Advance(LeaseTime);
        Assert.Equal([0, 0], consumer.Deliveries.Select(static delivery => delivery.Retries));
    }

    [Fact] // M-60
    public void A_renewed_message_still_takes_its_place_of_the_prefetch()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", "b");
        Consumer consumer = queue.Subscribe(prefetch: 1);
        Assert.True(queue.Renew(consumer, consumer.Deliveries[0]));
        Assert.Equal(["a"], consumer.Texts);
        queue.Complete(consumer, consumer.Deliveries[0]);
        Assert.Equal(["a", "b"], consumer.Texts);
    }

    [Fact] // M-50
    public void What_an_ended_subscription_had_renewed_is_ready_at_once_and_cannot_be_renewed()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer leaving = queue.Subscribe();
        queue.Advance(TenSeconds);
        Assert.True(queue.Renew(leaving, leaving.Deliveries[0]));
        Consumer staying = queue.Subscribe();
        queue.Harness.Unsubscribe(leaving);
        Assert.Equal(["a"], staying.Texts);
        Assert.False(queue.Renew(leaving, leaving.Deliveries[0]));
        queue.Advance(LeaseTime - OneMs);
        Assert.Single(staying.Deliveries);
    }

    [Fact] // D-13, D-14: a time to live is judged when the message comes back
    public void A_message_that_expires_while_its_lease_is_renewed_is_not_taken_away()
    {
        using var queue = new QueueScenario();
        queue.Publish("a", timeToLive: TenSeconds);
        Consumer consumer = queue.Subscribe();
        queue.Advance(LeaseTime - OneMs);
        Assert.True(queue.Renew(consumer, consumer.Deliveries[0]));
        Assert.Single(queue.Harness.Renew(consumer, consumer.Deliveries[0].Tag, 0).DeadTags);
        queue.Advance(LeaseTime);
        Assert.Single(consumer.Deliveries);
        Assert.False(queue.Renew(consumer, consumer.Deliveries[0]));
    }

    [Fact] // M-70
    public void A_subscription_that_settles_by_itself_has_nothing_to_renew()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe(autoAck: true);
        Assert.False(queue.Renew(consumer, consumer.Deliveries[0]));

        consumer.SendsAtOnce = false;
        queue.Publish("b");
        Assert.False(queue.Renew(consumer, consumer.Deliveries[1]));
    }

    [Fact]
    public void A_partition_out_of_service_renews_nothing()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        Assert.True(queue.Harness.Partition.TryPost(new BrokenCommand()));
        queue.Harness.Run();
        Assert.NotNull(queue.Harness.Partition.ParkedBecause);
        Assert.False(queue.Renew(consumer, consumer.Deliveries[0]));
    }

    [Theory] // M-15, M-34
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void A_renewed_lease_does_not_survive_its_broker(Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer before = queue.Subscribe();
        Assert.True(queue.Renew(before, before.Deliveries[0]));
        queue.Restart(ending);
        Consumer after = queue.Subscribe();
        Assert.Equal(["a"], after.Texts);
        Assert.Single(queue.Harness.Renew(after, before.Deliveries[0].Tag).DeadTags);
        Assert.True(queue.Renew(after, after.Deliveries[0]));
    }

    [Theory] // F-60
    [InlineData(1)]
    [InlineData(-1)]
    public void A_jump_of_the_wall_clock_moves_no_renewed_lease(int hours)
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        queue.Time.Jump(TimeSpan.FromHours(hours));
        Assert.True(queue.Renew(consumer, consumer.Deliveries[0]));
        queue.Advance(LeaseTime - OneMs);
        Assert.Single(consumer.Deliveries);
        queue.Advance(OneMs);
        Assert.Equal(2, consumer.Deliveries.Count);
    }

    [Fact] // M-16: nobody is told "renewed" and loses time by it
    public void Renewing_under_a_shorter_lease_time_shortens_no_lease()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        queue.Delivery.LeaseDuration = TimeSpan.FromSeconds(5);
        Assert.Equal(TimeSpan.FromSeconds(5), queue.Harness.Renew(consumer, consumer.Deliveries[0].Tag).LeaseDuration);
        queue.Advance(LeaseTime - OneMs);
        Assert.Single(consumer.Deliveries);
        Assert.True(queue.Renew(consumer, consumer.Deliveries[0]));
        queue.Advance(TimeSpan.FromSeconds(5) - OneMs);
        Assert.Single(consumer.Deliveries);
        queue.Advance(OneMs);
        Assert.Equal(2, consumer.Deliveries.Count);
    }

    [Fact] // leases end in the order of their deadlines, whichever were renewed
    public void The_first_lease_to_end_is_the_one_with_the_earliest_deadline()
    {
        var table = new LeaseTable();
        var consumer = new QueueSubscription(null!, prefetch: 100, autoAck: false, "a consumer");
        var random = new Random(7);
        var expected = new Dictionary<ulong, long>();
        for (int i = 0; i < 2000; i++)
        {
            ulong tag = (ulong)i;
            if (expected.Count == 0 || random.Next(3) == 0)
            {
                expected[tag] = i + random.Next(50);
                table.Grant(tag, offset: i, consumer, expected[tag]);
            }
            else if (random.Next(2) == 0)
            {
                (ulong renewed, _) = expected.ElementAt(random.Next(expected.Count));
                expected[renewed] = i + random.Next(50);
                table.Renew(table.Find(renewed)!, expected[renewed]);
            }
            else
            {
                Assert.Equal(expected.Values.Min(), table.EarliestDeadline);
                ulong ended = table.Earliest!.Tag;
                Assert.True(expected.Remove(ended));
                table.End(table.Earliest!);
            }

            Assert.Equal((expected.Count, expected.Count), (table.Count, consumer.InFlight));
        }

        long last = 0;
        while (table.Earliest is { } lease)
        {
            Assert.True(lease.ExpiresAt >= last);
            last = lease.ExpiresAt;
            table.End(lease);
        }

        Assert.Null(consumer.OldestLease);
    }

    [Fact] // renewing moves a lease to the end of the line, however many stand there
    public void Renewing_takes_the_same_time_among_many_leases()
    {
        const int Count = 200_000;
        var table = new LeaseTable();
        var consumer = new QueueSubscription(null!, prefetch: Count, autoAck: false, "a consumer");
        for (int i = 0; i < Count; i++) table.Grant((ulong)i, i, consumer, expiresAt: 1000);
        for (int round = 1; round <= 5; round++)
        {
            // Were this to look through the leases, it would take minutes.
            for (int i = 0; i < Count; i++) table.Renew(table.Find((ulong)i)!, expiresAt: 1000 + round);
        }

        Assert.Equal(1005, table.EarliestDeadline);
    }
}
