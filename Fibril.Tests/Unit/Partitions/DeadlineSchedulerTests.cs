using Fibril.Broker.Partitions;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Partitions;

public sealed class DeadlineSchedulerTests : IDisposable
{
    private readonly JumpingTimeProvider _time = new();
    private readonly SteppedScheduler _scheduler = new();
    private readonly DeadlineScheduler _deadlines;

    public DeadlineSchedulerTests() => _deadlines = new DeadlineScheduler(_time);

    public void Dispose() => _deadlines.Dispose();

    [Fact]
    public void Loop_is_woken_when_its_time_has_come_and_not_before()
    {
        (TestLoop loop, DeadlineScheduler.Entry entry) = Register();
        entry.WakeBy(In(100));

        Advance(99);
        Assert.Equal(0, loop.Turns);
        Advance(1);
        Assert.Equal(1, loop.Turns);
    }

    [Fact]
    public void Part_of_a_millisecond_is_rounded_up()
    {
        (TestLoop loop, DeadlineScheduler.Entry entry) = Register();
        entry.WakeBy(In(1.5));

        Advance(1);
        Assert.Equal(0, loop.Turns);
        Advance(1);
        Assert.Equal(1, loop.Turns);
    }

    [Fact]
    public void Time_that_is_over_already_wakes_at_once()
    {
        (TestLoop loop, DeadlineScheduler.Entry entry) = Register();
        Advance(10);
        entry.WakeBy(In(-5));

        Advance(1);
        Assert.Equal(1, loop.Turns);
    }

    [Fact]
    public void Earlier_time_goes_before_a_later_one()
    {
        (TestLoop loop, DeadlineScheduler.Entry entry) = Register();
        entry.WakeBy(In(100));
        entry.WakeBy(In(50));

        Advance(49);
        Assert.Equal(0, loop.Turns);
        Advance(1);
        Assert.Equal(1, loop.Turns);
    }

    [Fact] // one that is busy asks for another time in every turn
    public void Loop_whose_times_move_back_and_forth_is_waited_for_in_few_places()
    {
        (TestLoop loop, DeadlineScheduler.Entry entry) = Register();
        for (int turn = 1; turn <= 100; turn++)
        {
            entry.WakeBy(In(30_000));
            entry.WakeBy(In(50));
            Advance(50);
            entry.WakeBy(In(30_000));
            Assert.Equal(turn, loop.Turns);
            Assert.InRange(_deadlines.Count, 1, 2);
        }

        Advance(30_000);
        Assert.True(loop.Turns > 100);
    }

    [Theory] // a timer takes no more than 49 days, and a lease may be 365
    [InlineData(50)]
    [InlineData(365)]
    public void Time_far_away_is_waited_for(int days)
    {
        using (var real = new DeadlineScheduler(TimeProvider.System))
        {
            real.Register(new TestLoop(_scheduler, static _ => false)).WakeBy(
                TimeProvider.System.GetTimestamp() + (long)(TimeSpan.FromDays(days).TotalSeconds * TimeProvider.System.TimestampFrequency));
        }

        (TestLoop loop, DeadlineScheduler.Entry entry) = Register();
        entry.WakeBy(In(TimeSpan.FromDays(days).TotalMilliseconds));
        for (int day = 1; day < days; day++) AdvanceBy(TimeSpan.FromDays(1));
        Assert.Equal(0, loop.Turns);
        AdvanceBy(TimeSpan.FromDays(1));
        Assert.Equal(1, loop.Turns);
    }

    [Fact]
    public void Later_time_is_ignored_while_an_earlier_one_is_due()
    {
        (TestLoop loop, DeadlineScheduler.Entry entry) = Register();
        entry.WakeBy(In(50));
        entry.WakeBy(In(100));

        Advance(50);
        Assert.Equal(1, loop.Turns);
        Assert.Equal(0, _deadlines.Count);
    }

    [Fact]
    public void Turn_can_ask_for_its_next_one()
    {
        DeadlineScheduler.Entry entry = null!;
        var loop = new TestLoop(_scheduler, _ =>
        {
            entry.WakeBy(In(10));
            return false;
        });
        entry = _deadlines.Register(loop);
        entry.WakeBy(In(10));

        for (int turn = 1; turn <= 5; turn++)
        {
            Advance(9);
            Assert.Equal(turn - 1, loop.Turns);
            Advance(1);
            Assert.Equal(turn, loop.Turns);
        }
    }

    [Fact]
    public void Time_that_was_replaced_can_be_asked_for_again()
    {
        (TestLoop loop, DeadlineScheduler.Entry entry) = Register();
        long late = In(100);
        entry.WakeBy(late);
        entry.WakeBy(In(50));
        Advance(50);
        entry.WakeBy(late);

        Advance(49);
        Assert.Equal(1, loop.Turns);
        Advance(1);
        Assert.Equal(2, loop.Turns);
    }

    [Fact]
    public void Every_loop_is_woken_at_its_own_time()
    {
        (TestLoop Loop, DeadlineScheduler.Entry Entry)[] loops = [.. Enumerable.Range(0, 10).Select(_ => Register())];
        int[] order = [3, 9, 0, 5, 1, 8, 2, 7, 4, 6];
        foreach (int index in order) loops[index].Entry.WakeBy(In(10 * (index + 1)));

        for (int passed = 1; passed <= 10; passed++)
        {
            Advance(10);
            Assert.Equal(passed, loops.Sum(static each => each.Loop.Turns));
            Assert.All(loops[..passed], static each => Assert.Equal(1, each.Loop.Turns));
        }
    }

    [Fact] // the timer's thread holds no turn up
    public void Timer_only_schedules_the_turn()
    {
        (TestLoop loop, DeadlineScheduler.Entry entry) = Register();
        entry.WakeBy(In(10));

        _time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal(0, loop.Turns);
        Assert.False(_scheduler.IsIdle);
    }

    [Fact] // F-60
    public void Jump_of_the_wall_clock_wakes_nobody()
    {
        (TestLoop loop, DeadlineScheduler.Entry entry) = Register();
        entry.WakeBy(In(100));

        _time.Jump(TimeSpan.FromDays(1));
        Advance(99);
        Assert.Equal(0, loop.Turns);
        _time.Jump(TimeSpan.FromDays(-2));
        Advance(1);
        Assert.Equal(1, loop.Turns);
    }

    [Fact] // as when the machine is busy: the timer was set for a wait that is nearly over
    public void Thread_that_is_held_up_while_it_sets_the_timer_makes_nobody_late()
    {
        var time = new HesitatingTimeProvider();
        using var deadlines = new DeadlineScheduler(time);
        var loop = new TestLoop(_scheduler, static _ => false);
        time.BeforeNextChange = TimeSpan.FromMilliseconds(90);
        deadlines.Register(loop).WakeBy(time.GetTimestamp() + (time.TimestampFrequency / 10));

        time.Advance(TimeSpan.FromMilliseconds(9));
        _scheduler.RunToIdle();
        Assert.Equal(0, loop.Turns);
        time.Advance(TimeSpan.FromMilliseconds(1));
        _scheduler.RunToIdle();
        Assert.Equal(1, loop.Turns);
    }

    private (TestLoop Loop, DeadlineScheduler.Entry Entry) Register()
    {
        var loop = new TestLoop(_scheduler, static _ => false);
        return (loop, _deadlines.Register(loop));
    }

    private long In(double milliseconds) => _time.GetTimestamp() + (long)(milliseconds * _time.TimestampFrequency / 1000);

    private void Advance(int milliseconds) => AdvanceBy(TimeSpan.FromMilliseconds(milliseconds));

    private void AdvanceBy(TimeSpan time)
    {
        _time.Advance(time);
        _scheduler.RunToIdle();
    }

    /// <summary>A clock that goes on before a timer is set.</summary>
    private sealed class HesitatingTimeProvider : FakeTimeProvider
    {
        public TimeSpan BeforeNextChange { get; set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new HesitatingTimer(this, base.CreateTimer(callback, state, dueTime, period));

        private sealed class HesitatingTimer(HesitatingTimeProvider time, ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                TimeSpan pause = time.BeforeNextChange;
                time.BeforeNextChange = TimeSpan.Zero;
                if (pause > TimeSpan.Zero) time.Advance(pause);
                return timer.Change(dueTime, period);
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
