using System.Collections.Concurrent;

namespace Fibril.Broker.Log;

/// <summary>A few threads of their own for writes and syncs: a stalled disk must not take the thread pool with it.</summary>
internal sealed class FlushThreads : IFlushScheduler, IDisposable
{
    private readonly BlockingCollection<IFlushJob> _jobs = [];
    private readonly Thread[] _threads;

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

    public void Schedule(IFlushJob job) => _jobs.Add(job);

    /// <summary>Finishes the jobs that were scheduled, then ends the threads.</summary>
    public void Dispose()
    {
        _jobs.CompleteAdding();
        foreach (Thread thread in _threads) thread.Join();
        _jobs.Dispose();
    }

    private void RunJobs()
    {
        foreach (IFlushJob job in _jobs.GetConsumingEnumerable()) job.Run();
    }
}
