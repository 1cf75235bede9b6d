namespace Fibril.Broker.Log;

/// <summary>A few threads of their own for writes and syncs: a stalled disk must not take the thread pool with it.</summary>
/// <remarks>A thread without work sleeps at once. Spinning in the hope of work would take the processor from those who bring it.</remarks>
internal sealed class FlushThreads : IFlushScheduler, IDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly Queue<IFlushJob> _jobs = new();
    private readonly Thread[] _threads;
    private bool _isEnding;

    /// <param name="count">Number of threads, which is the number of syncs in flight to the disk.</param>
    public FlushThreads(int count)
    {
        _threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            _threads[i] = new Thread(RunJobs) { IsBackground = true, Name = $"fibril-flush-{i}" };
            _threads[i].Start();
        }
    }

    public void Schedule(IFlushJob job)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isEnding, this);
            _jobs.Enqueue(job);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Finishes the jobs that were scheduled, then ends the threads; one that hangs in the disk is left to end with the process.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isEnding = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads) thread.Join(EndTimeout);
    }

    private void RunJobs()
    {
        while (Take() is { } job) job.Run();
    }

    private IFlushJob? Take()
    {
        lock (_gate)
        {
            while (_jobs.Count == 0)
            {
                if (_isEnding) return null;
                Monitor.Wait(_gate);
            }

            return _jobs.Dequeue();
        }
    }
}
