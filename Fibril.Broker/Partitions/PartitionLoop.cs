using Fibril.Broker.Log;

namespace Fibril.Broker.Partitions;

/// <summary>One logical thread at a time over private state: what makes a partition need no locks.</summary>
/// <remarks>
/// The loop owns no thread while it is idle. Whoever brings it work wakes it; when it was idle and the caller may run it, it runs its
/// turn right there, which spares a hop between threads on the way of a lone message. Never more than one turn on a borrowed thread.
/// </remarks>
internal abstract class PartitionLoop(IWorkScheduler scheduler) : IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Running = 1;
    private const int Pending = 2; // scheduled, or running and to run once more

    // Enough to stay on a warm core, few enough that other partitions get theirs.
    private const int TurnsPerSchedule = 16;

    private int _state;

    /// <summary>True during a turn on the thread of somebody who brought work.</summary>
    protected bool IsOnBorrowedThread { get; private set; }

    /// <summary>A flush that the turn has begun and leaves to the borrowed thread, to be run when the loop is free again.</summary>
    protected IFlushJob? FlushToRunHere { get; set; }

    /// <summary>Makes sure that a turn starts after this call. Thread-safe.</summary>
    /// <param name="mayRunHere">True when the caller's thread may run the turn: it holds no lock and has nothing urgent to do.</param>
    public void Wake(bool mayRunHere)
    {
        if (Interlocked.Exchange(ref _state, Pending) != Idle) return;
        if (mayRunHere) RunHere();
        else scheduler.Schedule(this);
    }

    void IThreadPoolWorkItem.Execute()
    {
        for (int i = 0; i < TurnsPerSchedule; i++)
        {
            Interlocked.Exchange(ref _state, Running);
            if (TryRest(Turn())) return;
        }

        scheduler.Schedule(this);
    }

    /// <summary>Does a bounded amount of work; returns true when there is more.</summary>
    protected abstract bool Turn();

    /// <summary>Called, off the loop, after a flush that was left to a borrowed thread.</summary>
    protected abstract void FlushRanHere(IFlushJob job, bool hasMore);

    private void RunHere()
    {
        Interlocked.Exchange(ref _state, Running);
        IsOnBorrowedThread = true;
        bool more = Turn();
        IsOnBorrowedThread = false;
        IFlushJob? flush = FlushToRunHere;
        FlushToRunHere = null;
        if (!TryRest(more)) scheduler.Schedule(this);
        if (flush is not null) FlushRanHere(flush, flush.RunOnce());
    }

    /// <summary>Makes the loop idle; false when it is to run again, which the caller sees to.</summary>
    private bool TryRest(bool more)
    {
        if (!more && Interlocked.CompareExchange(ref _state, Idle, Running) == Running) return true;
        Volatile.Write(ref _state, Pending);
        return false;
    }
}
