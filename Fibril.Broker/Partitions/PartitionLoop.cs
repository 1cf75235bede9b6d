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

    private int _state;

    /// <summary>Makes sure that a turn starts after this call. Thread-safe.</summary>
    /// <param name="mayRunHere">True when the caller's thread may run the turn: it holds no lock and has nothing urgent to do.</param>
    public void Wake(bool mayRunHere)
    {
        if (Interlocked.Exchange(ref _state, Pending) != Idle) return;
        if (mayRunHere) RunTurns(1);
        else scheduler.Schedule(this);
    }

    void IThreadPoolWorkItem.Execute() => RunTurns(TurnsPerSchedule);

    /// <summary>Does a bounded amount of work; returns true when there is more.</summary>
    protected abstract bool Turn();

    // Enough to stay on a warm core, few enough that other partitions get theirs.
    private const int TurnsPerSchedule = 16;

    private void RunTurns(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Interlocked.Exchange(ref _state, Running);
            bool more = Turn();
            if (!more && Interlocked.CompareExchange(ref _state, Idle, Running) == Running) return;
            Volatile.Write(ref _state, Pending);
        }

        scheduler.Schedule(this);
    }
}
