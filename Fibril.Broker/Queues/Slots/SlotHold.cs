namespace Fibril.Broker.Queues.Slots;

/// <summary>A slot in the hands of one who closes, repairs or deletes its partition. Disposed to let it go.</summary>
internal sealed class SlotHold(PartitionSlot slot, QueuePartition? partition) : IDisposable
{
    public PartitionSlot Slot { get; } = slot;

    /// <summary>The partition; null when it is on the disk only.</summary>
    public QueuePartition? Partition { get; } = partition;

    /// <summary>Set when the partition was closed: the next who comes loads it anew.</summary>
    public bool IsGone { get; set; }

    /// <summary>Set when the queue was deleted: nobody gets a partition here any more.</summary>
    public bool Retires { get; set; }

    public void Dispose() => Slot.LetGo(IsGone, Retires);
}
