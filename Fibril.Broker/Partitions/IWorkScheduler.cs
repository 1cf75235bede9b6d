namespace Fibril.Broker.Partitions;

/// <summary>Where partition loops and their reads run: the thread pool, or a test that decides the order from a seed. Thread-safe.</summary>
internal interface IWorkScheduler
{
    void Schedule(IThreadPoolWorkItem work);
}

/// <summary>The process's thread pool.</summary>
internal sealed class ThreadPoolScheduler : IWorkScheduler
{
    public void Schedule(IThreadPoolWorkItem work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
}
