using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Streams.Catalogue;
using Fibril.Protocol;

namespace Fibril.Broker.Streams;

// A deletion holds the slots of the stream from its first to its last step, so that whoever wants the stream meanwhile gets the old one or
// none (S-64). The catalogue forgets the stream first: a crash after that is finished by the next start.
internal sealed partial class StreamRegistry
{
    private const string DeletedText = "The stream was deleted.";

    private readonly Lock _deletionGate = new();
    private Task _lastDeletion = Task.CompletedTask; // under the gate

    /// <summary>Deletes a stream: all its partitions, its records and its cursors. Subscriptions end with a reason (STR-9).</summary>
    /// <returns>The entry that it had; null when there was no such stream.</returns>
    /// <exception cref="IOException">The catalogue cannot be written, or files cannot be removed; the next start removes them.</exception>
    public Task<StreamEntry?> DeleteAsync(QueueName name)
    {
        lock (_deletionGate)
        {
            Task<StreamEntry?> deletion = DeleteAfterAsync(_lastDeletion, name);
            _lastDeletion = deletion;
            return deletion;
        }
    }

    /// <summary>Finishes deletions that a crash has interrupted (S-32). Called before anything is served. Blocks on the disk.</summary>
    public void FinishDeletions()
    {
        foreach (StreamEntry removed in _catalogue.Removed) DeleteFiles(removed.Name);
    }

    /// <summary>One at a time: two that hold slots of one stream would wait for each other.</summary>
    private async Task<StreamEntry?> DeleteAfterAsync(Task previous, QueueName name)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        return _catalogue.Find(name) is { } entry ? await DeleteAsync(entry) : null;
    }

    private async Task<StreamEntry> DeleteAsync(StreamEntry entry)
    {
        var holds = new List<SlotHold<StreamPartition>>(entry.PartitionCount);
        try
        {
            for (int partition = 0; partition < entry.PartitionCount; partition++)
            {
                if (await _slots.GetOrAdd(new PartitionId(entry.Name, partition), NewSlot).TryHoldAsync() is { } hold) holds.Add(hold);
            }

            await _catalogue.RemoveAsync(entry.Name);
            foreach (SlotHold<StreamPartition> hold in holds)
            {
                hold.Retires = true;
                _slots.TryRemove(hold.Slot.Id, out _);
                if (hold.Partition is { } partition) await partition.CloseAsync(CloseReason.TopicDeleted, DeletedText);
                hold.IsGone = true;
            }

            _settings.TryRemove(entry.Name, out _);
            DeleteFiles(entry.Name);
            _environment.Logger.StreamDeleted(entry.Name, entry.PartitionCount);
            return entry;
        }
        finally
        {
            foreach (SlotHold<StreamPartition> hold in holds) hold.Dispose();
        }
    }

    private void DeleteFiles(QueueName name) =>
        StorageTrees.Delete(_environment.Log.Files, Path.Combine(_dataDirectory, StreamsDirectory, name.Topic));
}
