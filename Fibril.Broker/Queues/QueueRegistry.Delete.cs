using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Protocol;

namespace Fibril.Broker.Queues;

// The catalogue forgets the queue first: a crash after that is finished by the next start. Then the slots are held until the files are gone, so
// that whoever wants the queue meanwhile gets the old one or a new, empty one, and never something between (S-64); who declares it again waits
// for that.
internal sealed partial class QueueRegistry
{
    private const string DeletedText = "The queue was deleted.";

    private readonly Lock _deletionGate = new();
    private readonly ReaderWriterLockSlim _topicDirectories = new(); // written by who removes one, read by who makes one in it
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
        QueueEntry? entry = _catalogue.Find(name);
        if (entry is not null) await RemoveAsync(entry);

        // Also what an earlier deletion could not.
        await _catalogue.ClearAwayAsync(name);
        return entry;
    }

    private async Task RemoveAsync(QueueEntry entry)
    {
        using SlotHolds<QueuePartition> holds = await HoldAsync(entry);
        QueuePartition[] partitions = [.. holds.Partitions];
        await SealAsync(partitions);
        try
        {
            await _catalogue.RemoveAsync(entry.Name, ClearAsync);
        }
        catch
        {
            foreach (QueuePartition partition in partitions) await partition.UnsealAsync();
            throw;
        }
    }

    /// <summary>Ends what is loaded of a removed queue, and removes its files. Meanwhile nobody declares it again.</summary>
    private async Task ClearAsync(QueueEntry entry)
    {
        using SlotHolds<QueuePartition> holds = await HoldAsync(entry);
        await holds.CloseAsync(static partition => partition.CloseAsync(CloseReason.TopicDeleted, DeletedText));
        DeleteFiles(entry.Name);
        _cells.TryRemove(entry.Name, out _);
        holds.Retire(_slots);
        _environment.Logger.QueueDeleted(entry.Name, entry.PartitionCount);
    }

    private Task<SlotHolds<QueuePartition>> HoldAsync(QueueEntry entry) => SlotHolds<QueuePartition>.TakeAsync(
        entry.Partitions.Select(partition => _slots.GetOrAdd(partition, NewSlot)));

    /// <summary>Makes sure that no message is leased, and none is from here on.</summary>
    private static async Task SealAsync(QueuePartition[] partitions)
    {
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

        // Another group of the topic may be coming into being.
        _topicDirectories.EnterWriteLock();
        try
        {
            if (files.DirectoryExists(topic) && files.ListDirectories(topic).Count == 0) StorageTrees.Delete(files, topic);
        }
        finally
        {
            _topicDirectories.ExitWriteLock();
        }
    }
}
