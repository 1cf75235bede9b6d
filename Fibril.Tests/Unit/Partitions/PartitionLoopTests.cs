using Fibril.Broker.Log;
using Fibril.Broker.Partitions;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Partitions;

public sealed class PartitionLoopTests
{
    private readonly SteppedScheduler _scheduler = new();

    [Fact]
    public void Idle_loop_runs_its_turn_on_the_caller_that_allows_it()
    {
        int thread = 0;
        var loop = new TestLoop(_scheduler, _ =>
        {
            thread = Environment.CurrentManagedThreadId;
            return false;
        });

        loop.Wake(mayRunHere: true);

        Assert.Equal(Environment.CurrentManagedThreadId, thread);
        Assert.Equal(1, loop.Turns);
        Assert.True(_scheduler.IsIdle);
    }

    [Fact]
    public void Caller_that_does_not_allow_it_only_schedules_the_turn()
    {
        var loop = new TestLoop(_scheduler, static _ => false);

        loop.Wake(mayRunHere: false);
        Assert.Equal(0, loop.Turns);

        _scheduler.RunToIdle();
        Assert.Equal(1, loop.Turns);
    }

    [Fact]
    public void Scheduled_loop_does_not_run_on_a_caller_as_well_and_many_wakes_are_one_turn()
    {
        var loop = new TestLoop(_scheduler, static _ => false);
        loop.Wake(mayRunHere: false);
        for (int i = 0; i < 10; i++) loop.Wake(mayRunHere: true);
        Assert.Equal(0, loop.Turns);

        Assert.True(_scheduler.Step());
        Assert.Equal(1, loop.Turns);
        Assert.True(_scheduler.IsIdle);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Wake_during_a_turn_leads_to_another_turn_behind_it(bool mayRunHere)
    {
        int depth = 0;
        TestLoop loop = null!;
        loop = new TestLoop(_scheduler, turn =>
        {
            Assert.Equal(1, ++depth);
            if (turn == 1) loop.Wake(mayRunHere);
            depth--;
            return false;
        });

        loop.Wake(mayRunHere: true);
        Assert.Equal(1, loop.Turns); // a borrowed thread runs one turn, never more

        _scheduler.RunToIdle();
        Assert.Equal(2, loop.Turns);
    }

    [Fact]
    public void Loop_with_more_to_do_goes_on_and_lets_others_in_between()
    {
        var loop = new TestLoop(_scheduler, static turn => turn < 40);
        loop.Wake(mayRunHere: false);

        int pieces = 0;
        int most = 0;
        for (int before = 0; _scheduler.Step(); before = loop.Turns)
        {
            pieces++;
            most = Math.Max(most, loop.Turns - before);
        }

        Assert.Equal(40, loop.Turns);
        Assert.Equal(3, pieces);
        Assert.Equal(16, most);
    }

    [Fact]
    public void Loop_is_idle_again_after_its_last_turn()
    {
        var loop = new TestLoop(_scheduler, static turn => turn is 1 or 2);
        loop.Wake(mayRunHere: true);
        _scheduler.RunToIdle();
        Assert.Equal(3, loop.Turns);

        loop.Wake(mayRunHere: true);
        Assert.Equal(4, loop.Turns);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Flush_left_to_a_borrowed_thread_runs_once_when_the_loop_is_free_for_others(bool hasMore)
    {
        TestLoop loop = null!;
        int turnsOfOthers = 0;
        loop = new TestLoop(_scheduler, static _ => false);
        loop.Flush = new TestFlush(() =>
        {
            loop.Wake(mayRunHere: true); // as the log does when it has something to tell, or anybody else meanwhile
            turnsOfOthers = loop.Turns - 1;
            return hasMore;
        });

        loop.Wake(mayRunHere: true);

        Assert.Equal(1, turnsOfOthers);
        Assert.Equal([hasMore], loop.FlushesHere);
        loop.Wake(mayRunHere: true);
        Assert.Single(loop.FlushesHere);
    }

    [Fact]
    public async Task Wakes_from_many_threads_never_run_two_turns_at_once_and_none_is_lost()
    {
        const int ThreadCount = 4;
        int wakesEach = TestScale.Iterations(20_000);
        long handedIn = 0;
        long seen = 0;
        int inside = 0;
        int overlaps = 0;
        var allSeen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var loop = new TestLoop(new ThreadPoolScheduler(), _ =>
        {
            if (Interlocked.Increment(ref inside) != 1) Interlocked.Increment(ref overlaps);
            seen = Volatile.Read(ref handedIn);
            Interlocked.Decrement(ref inside);
            if (seen == ThreadCount * (long)wakesEach) allSeen.TrySetResult();
            return false;
        });

        Thread[] threads = [.. Enumerable.Range(0, ThreadCount).Select(number => new Thread(() =>
        {
            for (int i = 0; i < wakesEach; i++)
            {
                Interlocked.Increment(ref handedIn);
                loop.Wake(mayRunHere: (i + number) % 3 == 0);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();

        // The turn after the last wake sees the last of the work: a lost wake leaves the loop idle with work in hand.
        await allSeen.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        foreach (Thread thread in threads) thread.Join();
        Assert.Equal(0, overlaps);
    }

    private sealed class TestFlush(Func<bool> runOnce) : IFlushJob
    {
        public void Run() => throw new InvalidOperationException("A borrowed thread runs a flush once; the flush threads do the rest.");

        public bool RunOnce() => runOnce();
    }
}
