using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Semantics section 3.1, and the retries of section 2.3 that wait.</summary>
public sealed class DelayTests
{
    [Fact] // D-2, D-3
    public void A_delayed_message_comes_at_its_time_and_not_a_millisecond_before()
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe();
        queue.Publish("a", delay: OneSecond);
        queue.Advance(OneSecond - OneMs);
        Assert.Empty(consumer.Deliveries);
        queue.Advance(OneMs);
        Assert.Equal(["a"], consumer.Texts);
    }

    [Fact] // D-2: also when the next look at the clock comes before
    public void A_long_delay_outlasts_every_look_at_the_clock()
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe();
        queue.Publish("a", delay: TimeSpan.FromMinutes(2));
        long due = queue.In(TimeSpan.FromMinutes(2));
        while (queue.NowMs + 1000 < due) queue.Advance(OneSecond);
        Assert.Empty(consumer.Deliveries);
        queue.AdvanceTo(due);
        Assert.Equal(["a"], consumer.Texts);
    }

    [Fact] // D-4, D-5
    public void A_delayed_publish_is_confirmed_with_its_offset_when_it_is_stored()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        queue.Publish("later", delay: TimeSpan.FromDays(1));
        Assert.Equal([0L, 1L], queue.Harness.Publisher.Confirmed.Values);
    }

    [Theory] // D-6
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-86_400_000)]
    public void A_time_that_is_not_ahead_delays_nothing(int delayMs)
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe();
        queue.Publish("a", delay: TimeSpan.FromMilliseconds(delayMs));
        Assert.Equal(["a"], consumer.Texts);
    }

    [Theory] // D-7, D-2
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void A_restart_neither_forgets_nor_shortens_a_delay(Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Publish("a", delay: OneSecond * 10);
        long due = queue.In(OneSecond * 10);
        for (int life = 0; life < 2; life++) queue.Restart(ending);

        Consumer consumer = queue.Subscribe();
        queue.AdvanceTo(due - 1);
        Assert.Empty(consumer.Deliveries);
        queue.AdvanceTo(due);
        Assert.Equal(["a"], consumer.Texts);
    }

    [Theory] // D-8, F-63
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void What_fell_due_while_the_broker_was_down_is_ready_when_it_is_back(Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Publish("a", delay: OneSecond);
        queue.Restart(ending, downtime: OneSecond);
        Assert.Equal(["a"], queue.Subscribe().Texts);
    }

    [Fact] // M-12: the remainder follows without waiting
    public void More_delays_than_one_pass_takes_all_end_in_time()
    {
        using QueueScenario queue = WithExpiryBatchOf(1);
        for (int i = 0; i < 4; i++) queue.Publish($"{i}", delay: OneSecond);
        Consumer consumer = queue.Subscribe(prefetch: 10);
        queue.Advance(OneSecond);
        Assert.Equal(["0", "1", "2", "3"], consumer.Texts.Order());
    }

    [Fact] // D-9, D-3, F-60: the clock is looked at again within delivery_poll_max_ms
    public void A_wall_clock_set_forward_makes_a_delayed_message_early()
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe();
        queue.Publish("a", delay: TimeSpan.FromHours(1));
        queue.Time.Jump(TimeSpan.FromHours(1));
        queue.Advance(queue.Delivery.DelayPollInterval);
        Assert.Equal(["a"], consumer.Texts);
    }

    [Fact] // D-9, D-2, F-61
    public void A_wall_clock_set_back_makes_a_delayed_message_late_and_loses_nothing()
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe();
        queue.Publish("a", delay: OneSecond);
        queue.Time.Jump(-TimeSpan.FromMinutes(1));
        queue.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(consumer.Deliveries);
        queue.Advance(OneSecond);
        Assert.Equal(["a"], consumer.Texts);
    }

    [Fact]
    public void A_delay_to_the_end_of_time_is_only_very_long()
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe();
        queue.Harness.Publish(new TestMessage("never"u8.ToArray(), NotBefore: long.MaxValue));
        queue.Publish("a");
        queue.Advance(TimeSpan.FromDays(400));
        Assert.All(consumer.Texts, static text => Assert.Equal("a", text));
        Assert.NotEmpty(consumer.Texts);
        Assert.Null(queue.Harness.Partition.ParkedBecause);
    }

    [Fact] // M-24
    public void A_retry_with_a_delay_comes_at_its_time_and_counts()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        queue.Retry(consumer, consumer.Deliveries[0], delay: OneSecond);
        queue.Advance(OneSecond - OneMs);
        Assert.Single(consumer.Deliveries);
        queue.Advance(OneMs);
        Assert.Equal(["a", "a"], consumer.Texts);
        Assert.Equal(1, consumer.Deliveries[1].Retries);
    }

    [Theory] // M-26
    [InlineData(0)]
    [InlineData(-5000)]
    public void A_retry_to_a_time_that_is_not_ahead_comes_at_once(int delayMs)
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer consumer = queue.Subscribe();
        queue.Retry(consumer, consumer.Deliveries[0], delay: TimeSpan.FromMilliseconds(delayMs));
        Assert.Equal([0, 1], consumer.Deliveries.Select(static delivery => delivery.Retries));
    }

    [Theory] // M-24, D-7, M-43
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void A_restart_keeps_the_delay_of_a_retry(Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        Consumer before = queue.Subscribe();
        queue.Retry(before, before.Deliveries[0], delay: OneSecond * 10);
        long due = queue.In(OneSecond * 10);
        for (int life = 0; life < 2; life++) queue.Restart(ending);

        Consumer after = queue.Subscribe();
        queue.AdvanceTo(due - 1);
        Assert.Empty(after.Deliveries);
        queue.AdvanceTo(due);
        Assert.Equal([1], after.Deliveries.Select(static delivery => delivery.Retries));
    }

    [Theory] // M-4: of two delays of one message the later one counts, in whichever place it is written
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    public void A_retry_replaces_the_delay_a_message_was_born_with(Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Publish("a", delay: OneSecond);
        Consumer before = queue.Subscribe();
        queue.Advance(OneSecond);
        queue.Time.Jump(-TimeSpan.FromHours(1)); // its birth delay lies ahead again
        queue.Retry(before, before.Deliveries[0]);
        queue.Restart(ending);
        Assert.Equal(["a"], queue.Subscribe().Texts);
    }
}
