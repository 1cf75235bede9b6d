using Fibril.Broker.Log;
using Fibril.Broker.Partitions;

namespace Fibril.Tests.Support;

/// <summary>The broker's real threads, with a count of what they still have to do. Thread-safe.</summary>
internal sealed class WatchedThreads : IWorkScheduler, IFlushScheduler, IDisposable
{
    private readonly ThreadPoolScheduler _pool = new();
    private readonly FlushThreads _flushThreads = new(count: 2);
    private readonly Lock _gate = new();
    private readonly List<IThreadPoolWorkItem> _held = [];
    private TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _outstanding;
    private bool _isHolding;

    void IWorkScheduler.Schedule(IThreadPoolWorkItem work)
    {
        Begin();
        lock (_gate)
        {
            if (_isHolding)
            {
                _held.Add(work);
                return;
            }
        }

        _pool.Schedule(new WatchedWork(this, work));
    }

    void IFlushScheduler.Schedule(IFlushJob job)
    {
        Begin();
        _flushThreads.Schedule(new WatchedFlush(this, job));
    }

    /// <summary>Completes when nothing is scheduled and nothing runs. Work that was never scheduled, such as a session's, is not seen.</summary>
    public Task WhenIdleAsync()
    {
        lock (_gate) return _outstanding == 0 ? Task.CompletedTask : _idle.Task;
    }

    /// <summary>Pieces of work that are held up.</summary>
    public int HeldCount
    {
        get
        {
            lock (_gate) return _held.Count;
        }
    }

    /// <summary>Holds up the turns and reads that are scheduled from now on, until <see cref="ResumeWork"/>.</summary>
    public void HoldWork()
    {
        lock (_gate) _isHolding = true;
    }

    public void ResumeWork()
    {
        lock (_gate)
        {
            _isHolding = false;
            foreach (IThreadPoolWorkItem work in _held) _pool.Schedule(new WatchedWork(this, work));
            _held.Clear();
        }
    }

    public void Dispose() => _flushThreads.Dispose();

    private void Begin()
    {
        lock (_gate) _outstanding++;
    }

    private void End()
    {
        lock (_gate)
        {
            if (--_outstanding > 0) return;
            _idle.SetResult();
            _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void Watch(Action run)
    {
        try
        {
            run();
        }
        finally
        {
            End();
        }
    }

    private sealed class WatchedWork(WatchedThreads owner, IThreadPoolWorkItem work) : IThreadPoolWorkItem
    {
        public void Execute() => owner.Watch(work.Execute);
    }

    private sealed class WatchedFlush(WatchedThreads owner, IFlushJob job) : IFlushJob
    {
        public void Run() => owner.Watch(job.Run);

        public bool RunOnce() => job.RunOnce();
    }
}
