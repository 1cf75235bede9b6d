using System.Collections.Concurrent;
using Fibril.Broker.Log;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>The threads that wait for the disk.</summary>
public sealed class FlushThreadsTests
{
    [Fact] // S-18, F-43
    public async Task Stalled_job_holds_up_no_other_while_a_thread_is_free()
    {
        using var threads = new FlushThreads(count: 2);
        using var stall = new ManualResetEventSlim();
        var isStalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        threads.Schedule(new Job(() =>
        {
            isStalled.SetResult();
            stall.Wait();
        }));
        await Patience.Wait(isStalled.Task);

        for (int i = 0; i < 3; i++)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            threads.Schedule(new Job(done.SetResult));
            await Patience.Wait(done.Task);
        }

        stall.Set();
    }

    [Fact] // S-60
    public void Scheduled_jobs_are_run_in_order_before_the_threads_end()
    {
        var ran = new ConcurrentQueue<int>();
        using (var threads = new FlushThreads(count: 1))
        {
            for (int i = 0; i < 100; i++)
            {
                int number = i;
                threads.Schedule(new Job(() => ran.Enqueue(number)));
            }
        }

        Assert.Equal(Enumerable.Range(0, 100), ran);
    }

    [Fact]
    public void Job_that_comes_too_late_is_refused()
    {
        var threads = new FlushThreads(count: 1);
        threads.Dispose();
        Assert.Throws<ObjectDisposedException>(() => threads.Schedule(new Job(static () => { })));
    }

    private sealed class Job(Action run) : IFlushJob
    {
        public void Run() => run();

        public bool RunOnce()
        {
            run();
            return false;
        }
    }
}
