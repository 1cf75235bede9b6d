namespace Fibril.Broker.Partitions;

/// <summary>Something that blocks, done for a loop elsewhere. The loop starts it, is woken when it has ended, and takes the result.</summary>
/// <remarks>All members but <see cref="Run"/> belong to the loop. May be started again when it has ended.</remarks>
internal abstract class OffLoopWork(PartitionLoop owner, IWorkScheduler scheduler) : IThreadPoolWorkItem
{
    private int _hasEnded;

    /// <summary>True from <see cref="Start"/> until <see cref="TryEnd"/>.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>True when it was started and there is a result to take.</summary>
    public bool HasEnded => Volatile.Read(ref _hasEnded) != 0;

    /// <summary>Why it failed; null when it did not. Valid when it has ended.</summary>
    public Exception? Failure { get; private set; }

    public void Start()
    {
        IsBusy = true;
        Failure = null;
        scheduler.Schedule(this);
    }

    /// <summary>True when it has just ended: the result is there, and stays until the next start.</summary>
    public bool TryEnd()
    {
        if (!HasEnded) return false;
        _hasEnded = 0;
        IsBusy = false;
        return true;
    }

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            Run();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Failure = failure;
        }

        Volatile.Write(ref _hasEnded, 1);
        owner.Wake(mayRunHere: true);
    }

    protected abstract void Run();
}
