namespace Fibril.Broker.Queues.Slots;

/// <summary>A loaded partition, and the right to find it loaded until this is disposed. Stands for one use, and cannot be copied (I-23).</summary>
/// <remarks>A partition that is deleted or repaired ends before its leases do: see <see cref="QueuePartition.IsOver"/>. Thread-safe.</remarks>
internal sealed class PartitionLease(QueuePartition partition, PartitionUse use, Action<PartitionUse> end) : IDisposable
{
    private int _isEnded;

    public QueuePartition Partition { get; } = partition;

    public PartitionUse Use { get; } = use;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0) end(Use);
    }
}
