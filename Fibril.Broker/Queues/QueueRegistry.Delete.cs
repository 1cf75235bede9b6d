using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Protocol;

namespace Fibril.Broker.Queues;

// A deletion holds the slots of the queue from its first to its last step, so that whoever wants the queue meanwhile gets the old one or
// a new, empty one, and never something between (S-64). The catalogue forgets the queue first: a crash after that is finished by the next start.
internal sealed partial class QueueRegistry
{
    private const string DeletedText = "The queue was deleted.";

    private readonly Lock _deletionGate = new();
    private Task _lastDeletion = Task.CompletedTask; // under the gate

    /// <summary>Deletes a queue: all its partitions, and everything in them.</summary>
    /// <returns>The entry that it had; null when there was no such queue.</returns>
    /// <exception cref="QueueInUseException">A message is leased; nothing was deleted (S-62).</exception>
    /// <exception cref="IOException">The catalogue cannot be written, or files cannot be removed; the next start removes them.</exception>
    public Task<QueueEntry?> DeleteAsync(QueueName name)
    {
        lock (_deletionGate)
        {
            Task<QueueEntry?> deletion = DeleteAfterAsync(_lastDeletion, name);
            _lastDeletion = deletion;
            return deletion;
        }
    }

    /// <summary>Finishes deletions that a crash has interrupted (S-32). Called before anything is served. Blocks on the disk.</summary>
    public void FinishDeletions()
    {
        foreach (QueueEntry removed in _catalogue.Removed) DeleteFiles(removed.Name);
    }

    /// <summary>One at a time: two that hold slots of one queue would wait for each other.</summary>
    private async Task<QueueEntry?> DeleteAfterAsync(Task previous, QueueName name)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        return _catalogue.Find(name) is { } entry ? await DeleteAsync(entry) : null;
    }

    private async Task<QueueEntry> DeleteAsync(QueueEntry entry)
    {
        var holds = new List<SlotHold<QueuePartition>>(entry.PartitionCount);
        try
        {
            for (int partition = 0; partition < entry.PartitionCount; partition++)
            {
                if (await _slots.GetOrAdd(new PartitionId(entry.Name, partition), NewSlot).TryHoldAsync() is { } hold) holds.Add(hold);
            }

            await SealAsync(holds);
            await _catalogue.RemoveAsync(entry.Name);
            foreach (SlotHold<QueuePartition> hold in holds)
            {
                hold.Retires = true;
                _slots.TryRemove(hold.Slot.Id, out _);
                if (hold.Partition is { } partition) await partition.CloseAsync(CloseReason.TopicDeleted, DeletedText);
                hold.IsGone = true;
            }

            _cells.TryRemove(entry.Name, out _);
            DeleteFiles(entry.Name);
            _environment.Logger.QueueDeleted(entry.Name, entry.PartitionCount);
            return entry;
        }
        finally
        {
            foreach (SlotHold<QueuePartition> hold in holds) hold.Dispose();
        }
    }

    /// <summary>Makes sure that no message is leased, and none is from here on.</summary>
    private static async Task SealAsync(List<SlotHold<QueuePartition>> holds)
    {
        QueuePartition[] partitions = [.. holds.Select(static hold => hold.Partition).OfType<QueuePartition>()];
        foreach (QueuePartition partition in partitions)
        {
            int leased = await partition.TrySealAsync();
            if (leased == 0) continue;
            foreach (QueuePartition closed in partitions) await closed.UnsealAsync();
            throw new QueueInUseException(partition.Id, leased);
        }
    }

    private void DeleteFiles(QueueName name)
    {
        IStorageFileSystem files = _environment.Log.Files;
        string topic = Path.Combine(_dataDirectory, QueuesDirectory, name.Topic);
        StorageTrees.Delete(files, Path.Combine(topic, DefaultGroupDirectory + name.Group));
        if (files.DirectoryExists(topic) && files.ListDirectories(topic).Count == 0) StorageTrees.Delete(files, topic);
    }
}
