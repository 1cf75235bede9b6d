namespace Fibril.Broker.Channels;

/// <summary>Memory that the partitions of a broker share for recent records. Thread-safe.</summary>
internal sealed class TailCacheBudget(long totalBytes)
{
    private long _used;

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= totalBytes) return true;
        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _used, -bytes);
}
