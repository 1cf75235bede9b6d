using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.Idle;

namespace Fibril.Broker.Queues;

internal sealed partial class QueueRegistry
{
    /// <summary>Partitions that were used since the start (I-10).</summary>
    public IEnumerable<PartitionSlot<QueuePartition>> Slots => _slots.Values;

    /// <summary>What the cleanup has done since the start.</summary>
    public CleanupCounters Cleanup { get; } = new();

    /// <summary>What is known of the use of a partition; null when it was not used since the start (I-40).</summary>
    public PartitionSlot<QueuePartition>? FindSlot(PartitionId id) => _slots.GetValueOrDefault(id);

    /// <summary>Unloads a partition now, if nobody uses it: what an operator asks for, always answered truthfully (I-13).</summary>
    public async Task<UnloadOutcome> UnloadAsync(PartitionId id)
    {
        UnloadOutcome outcome = FindSlot(id) is { } slot ? await slot.TryUnloadAsync(TimeSpan.Zero)
            : _catalogue.Find(id.Queue) is { } entry && id.Partition < entry.PartitionCount ? UnloadOutcome.AlreadyUnloaded
            : UnloadOutcome.NotTracked;
        Cleanup.Note(outcome);
        return outcome;
    }

    /// <summary>One look of the cleanup at one partition. Those that are unloaded are left alone until they are used again (I-13).</summary>
    /// <param name="slot">The partition's.</param>
    /// <param name="idleFor">Time that must have passed since the last use; null when the cleanup is switched off.</param>
    internal async Task CleanUpAsync(PartitionSlot<QueuePartition> slot, TimeSpan? idleFor)
    {
        if (slot.Loaded is null) return;
        UnloadOutcome outcome = idleFor is { } window ? await slot.TryUnloadAsync(window) : slot.Note(UnloadOutcome.Disabled);
        Cleanup.Note(outcome);
        if (outcome == UnloadOutcome.Unloaded) _environment.Logger.PartitionUnloaded(slot.Id);
    }

    /// <summary>Deletes the queues that were declared to go when they are empty and unused for long enough.</summary>
    internal async Task DeleteIdleQueuesAsync()
    {
        foreach (QueueEntry entry in _catalogue.All.Where(static entry => entry.Settings.DeleteAfterIdleMs is not null))
        {
            if (IdleTimeOf(entry) < TimeSpan.FromMilliseconds(entry.Settings.DeleteAfterIdleMs!.Value) || !await IsEmptyAsync(entry)) continue;
            try
            {
                await DeleteAsync(entry.Name);
                Cleanup.NoteDeleted();
            }
            catch (QueueInUseException)
            {
                // Somebody came in the meantime.
            }
        }
    }

    /// <summary>Since when nobody uses any partition of the queue; at most since the start of the broker.</summary>
    private TimeSpan IdleTimeOf(QueueEntry entry)
    {
        TimeSpan idle = _environment.Time.GetElapsedTime(_started);
        for (int partition = 0; partition < entry.PartitionCount; partition++)
        {
            if (FindSlot(new PartitionId(entry.Name, partition)) is { } slot && slot.IdleFor < idle) idle = slot.IdleFor;
        }

        return idle;
    }

    /// <summary>Messages are never deleted for want of interest in them. Looking counts as a use: the next look comes after another idle time.</summary>
    private async Task<bool> IsEmptyAsync(QueueEntry entry)
    {
        for (int partition = 0; partition < entry.PartitionCount; partition++)
        {
            var id = new PartitionId(entry.Name, partition);
            if (FindSlot(id)?.Loaded is { } loaded)
            {
                if (loaded.ParkedBecause is not null || loaded.ActiveCount > 0) return false;
                continue;
            }

            try
            {
                using PartitionLease<QueuePartition> lease = await AcquireAsync(id, PartitionUse.Visit);
                if (await lease.Partition.AskAsync(static visited => visited.ActiveCount) > 0) return false;
            }
            catch (Exception unavailable) when (unavailable is PartitionUnavailableException or PartitionNotServingException)
            {
                return false;
            }
        }

        return true;
    }
}
