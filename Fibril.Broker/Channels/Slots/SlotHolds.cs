using System.Collections.Concurrent;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Channels.Slots;

/// <summary>All slots of one channel in the hands of one who deletes it. Disposed to let them go.</summary>
internal sealed class SlotHolds<TPartition> : IDisposable where TPartition : class, ISlotPartition
{
    private readonly List<SlotHold<TPartition>> _holds = [];

    private SlotHolds()
    {
    }

    /// <summary>The partitions that are loaded.</summary>
    public IEnumerable<TPartition> Partitions => _holds.Select(static hold => hold.Partition).OfType<TPartition>();

    /// <summary>Holds one slot after the other; those that are retired are left out.</summary>
    public static async Task<SlotHolds<TPartition>> TakeAsync(IEnumerable<PartitionSlot<TPartition>> slots)
    {
        var holds = new SlotHolds<TPartition>();
        foreach (PartitionSlot<TPartition> slot in slots)
        {
            if (await slot.TryHoldAsync() is { } hold) holds._holds.Add(hold);
        }

        return holds;
    }

    /// <summary>Closes what is loaded.</summary>
    public async Task CloseAsync(Func<TPartition, Task> close)
    {
        foreach (SlotHold<TPartition> hold in _holds)
        {
            if (hold.Partition is { } partition) await close(partition);
            hold.IsGone = true;
        }
    }

    /// <summary>Takes the slots out of the table: who waits for one of them asks there again.</summary>
    public void Retire(ConcurrentDictionary<PartitionId, PartitionSlot<TPartition>> table)
    {
        foreach (SlotHold<TPartition> hold in _holds)
        {
            table.TryRemove(hold.Slot.Id, out _);
            hold.Retires = true;
        }
    }

    public void Dispose()
    {
        foreach (SlotHold<TPartition> hold in _holds) hold.Dispose();
    }
}
