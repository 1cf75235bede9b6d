using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Streams.Catalogue;
using Fibril.Protocol;

namespace Fibril.Broker.Streams;

// The catalogue forgets the stream first: a crash after that is finished by the next start. Then the slots are held until the files are gone,
// so that whoever wants the stream meanwhile gets the old one or none (S-64); who declares it again waits for that.
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
        StreamEntry? entry = _catalogue.Find(name);
        if (entry is not null) await _catalogue.RemoveAsync(name, ClearAsync);

        // Also what an earlier deletion could not.
        await _catalogue.ClearAwayAsync(name);
        return entry;
    }

    /// <summary>Ends what is loaded of a removed stream, and removes its files. Meanwhile nobody declares it again.</summary>
    private async Task ClearAsync(StreamEntry entry)
    {
        using SlotHolds<StreamPartition> holds = await SlotHolds<StreamPartition>.TakeAsync(
            entry.Partitions.Select(partition => _slots.GetOrAdd(partition, NewSlot)));
        await holds.CloseAsync(static partition => partition.CloseAsync(CloseReason.TopicDeleted, DeletedText));
        DeleteFiles(entry.Name);
        _settings.TryRemove(entry.Name, out _);
        holds.Retire(_slots);
        _environment.Logger.StreamDeleted(entry.Name, entry.PartitionCount);
    }

    private void DeleteFiles(QueueName name) =>
        StorageTrees.Delete(_environment.Log.Files, Path.Combine(_dataDirectory, StreamsDirectory, name.Topic));
}
