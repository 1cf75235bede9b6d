using Fibril.Broker.Partitions;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Partitions;

/// <summary>Work that is done from time to time, with an interval that may change (K-4).</summary>
public sealed class IntervalLoopTests
{
    private readonly FakeTimeProvider _time = new();
    private TimeSpan _interval = TimeSpan.FromSeconds(10);
    private int _turns;

    [Fact]
    public async Task A_turn_comes_after_every_interval()
    {
        await using IntervalLoop loop = NewLoop();
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(0, _turns);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _turns);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, _turns);
    }

    [Fact] // K-4
    public async Task A_shorter_interval_counts_for_the_wait_that_goes_on()
    {
        await using IntervalLoop loop = NewLoop();
        _time.Advance(TimeSpan.FromSeconds(2));
        Change(loop, TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, _turns);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _turns);
    }

    [Fact] // K-4
    public async Task An_interval_that_has_passed_already_means_a_turn_at_once()
    {
        await using IntervalLoop loop = NewLoop();
        _time.Advance(TimeSpan.FromSeconds(8));
        Change(loop, TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.Zero);
        Assert.Equal(1, _turns);
    }

    [Fact] // K-4
    public async Task A_longer_interval_puts_the_turn_off()
    {
        await using IntervalLoop loop = NewLoop();
        _time.Advance(TimeSpan.FromSeconds(8));
        Change(loop, TimeSpan.FromSeconds(20));
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(0, _turns);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _turns);
    }

    [Fact]
    public async Task A_turn_that_fails_is_told_and_the_next_one_comes()
    {
        var failures = new List<Exception>();
        await using var loop = new IntervalLoop(
            () => _interval, () => ++_turns == 1 ? throw new IOException("once") : Task.CompletedTask, failures.Add, _time);
        _time.Advance(_interval);
        _time.Advance(_interval);
        Assert.Equal(2, _turns);
        Assert.Equal("once", Assert.Single(failures).Message);
    }

    [Fact]
    public async Task Nothing_comes_after_the_end()
    {
        await NewLoop().DisposeAsync();
        _time.Advance(_interval);
        Assert.Equal(0, _turns);
    }

    private IntervalLoop NewLoop() => new(
        () => _interval,
        () =>
        {
            _turns++;
            return Task.CompletedTask;
        },
        static failure => Assert.Fail($"{failure}"), _time);

    private void Change(IntervalLoop loop, TimeSpan interval)
    {
        _interval = interval;
        loop.IntervalChanged();
    }
}
