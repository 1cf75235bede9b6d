namespace Fibril.Broker.Channels.Slots;

/// <summary>A loaded partition, and the right to find it loaded until this is disposed. Stands for one use, and cannot be copied (I-23).</summary>
/// <remarks>A partition that is deleted or repaired ends before its leases do: see <see cref="ISlotPartition.IsOver"/>. Thread-safe.</remarks>
internal sealed class PartitionLease<TPartition>(TPartition partition, PartitionUse use, Action<PartitionUse> end) : IDisposable
    where TPartition : class, ISlotPartition
{
    private int _isEnded;

    public TPartition Partition { get; } = partition;

    public PartitionUse Use { get; } = use;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0) end(Use);
    }
}
