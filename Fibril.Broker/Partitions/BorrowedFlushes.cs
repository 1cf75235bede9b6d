namespace Fibril.Broker.Partitions;

/// <summary>Bounds how many pool threads may wait for the disk at a time, in place of a flush thread. Thread-safe.</summary>
internal sealed class BorrowedFlushes(int count)
{
    private int _left = count;

    public bool TryTake()
    {
        if (Interlocked.Decrement(ref _left) >= 0) return true;
        Interlocked.Increment(ref _left);
        return false;
    }

    public void Return() => Interlocked.Increment(ref _left);
}
