namespace Fibril.Broker.Channels.Slots;

/// <summary>A slot in the hands of one who closes, repairs or deletes its partition. Disposed to let it go.</summary>
internal sealed class SlotHold<TPartition>(PartitionSlot<TPartition> slot, TPartition? partition) : IDisposable
    where TPartition : class, ISlotPartition
{
    public PartitionSlot<TPartition> Slot { get; } = slot;

    /// <summary>The partition; null when it is on the disk only.</summary>
    public TPartition? Partition { get; } = partition;

    /// <summary>Set when the partition was closed: the next who comes loads it anew.</summary>
    public bool IsGone { get; set; }

    /// <summary>Why the next who comes cannot have a partition that was closed; null when it is to be loaded.</summary>
    public PartitionUnavailableException? Failure { get; set; }

    /// <summary>Set when the channel was deleted: nobody gets a partition here any more.</summary>
    public bool Retires { get; set; }

    public void Dispose() => Slot.LetGo(IsGone, Failure, Retires);
}
