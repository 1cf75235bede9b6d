using Fibril.Broker.Log;
using Fibril.Broker.Partitions;

namespace Fibril.Testing;

/// <summary>The threads of one test broker, with a count of what they still have to do. Thread-safe.</summary>
/// <remarks>All test brokers of a process share a few flush threads: a disk in memory never makes them wait.</remarks>
internal sealed class IdleWatch : IWorkScheduler, IFlushScheduler
{
    private static readonly FlushThreads SharedFlushThreads = new(Math.Max(2, Environment.ProcessorCount));

    private readonly ThreadPoolScheduler _pool = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource? _idle;
    private int _outstanding;

    void IWorkScheduler.Schedule(IThreadPoolWorkItem work)
    {
        Begin();
        _pool.Schedule(new WatchedWork(this, work));
    }

    void IFlushScheduler.Schedule(IFlushJob job)
    {
        Begin();
        SharedFlushThreads.Schedule(new WatchedFlush(this, job));
    }

    /// <summary>Completes when nothing is scheduled and nothing runs. What connections are at is not seen.</summary>
    public Task WhenIdleAsync()
    {
        lock (_gate)
        {
            if (_outstanding == 0) return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    private void Begin()
    {
        lock (_gate) _outstanding++;
    }

    private void End()
    {
        TaskCompletionSource? idle;
        lock (_gate)
        {
            if (--_outstanding > 0) return;
            idle = _idle;
            _idle = null;
        }

        idle?.SetResult();
    }

    private sealed class WatchedWork(IdleWatch owner, IThreadPoolWorkItem work) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            try
            {
                work.Execute();
            }
            finally
            {
                owner.End();
            }
        }
    }

    private sealed class WatchedFlush(IdleWatch owner, IFlushJob job) : IFlushJob
    {
        public void Run()
        {
            try
            {
                job.Run();
            }
            finally
            {
                owner.End();
            }
        }

        public bool RunOnce() => job.RunOnce();
    }
}
