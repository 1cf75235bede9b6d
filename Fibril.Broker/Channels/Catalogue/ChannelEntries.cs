using Fibril.Broker.Primitives;

namespace Fibril.Broker.Channels.Catalogue;

/// <summary>The entries of one kind of channel, as the registry of that kind sees the catalogue. Thread-safe.</summary>
internal sealed class ChannelEntries<TEntry>(ChannelCatalogue catalogue, ChannelKind kind) where TEntry : ChannelEntry
{
    public IEnumerable<TEntry> All => catalogue.Entries.OfType<TEntry>();

    public int Count => catalogue.CountOf(kind);

    /// <inheritdoc cref="ChannelCatalogue.Removed"/>
    public IEnumerable<TEntry> Removed => catalogue.Removed.OfType<TEntry>();

    /// <summary>The entry of this name; null also for a channel of another kind.</summary>
    public TEntry? Find(QueueName name) => catalogue.Find(name) as TEntry;

    /// <summary>The kind that a channel of this name is of; null when there is none.</summary>
    public ChannelKind? KindOf(QueueName name) => catalogue.Find(name)?.Kind;

    /// <summary>Changes or adds an entry; an entry equal to the present one costs nothing.</summary>
    /// <param name="name">The channel.</param>
    /// <param name="change">Called with the newest entry, or null, under a lock.</param>
    /// <returns>Completes with the entry in effect when it is durable.</returns>
    /// <exception cref="ChannelKindException">The topic is a channel of another kind.</exception>
    /// <exception cref="IOException">The catalogue cannot be written, or what a removed channel of this name has left cannot be cleared away.</exception>
    public Task<TEntry> ChangeAsync(QueueName name, Func<TEntry?, TEntry> change) => catalogue.ChangeAsync(name, kind, change);

    /// <inheritdoc cref="ChannelCatalogue.RemoveAsync"/>
    public Task RemoveAsync(QueueName name, Func<TEntry, Task> clear) => catalogue.RemoveAsync(name, kind, clear);

    /// <inheritdoc cref="ChannelCatalogue.ClearAwayAsync"/>
    public Task ClearAwayAsync(QueueName name) => catalogue.ClearAwayAsync(name, kind);
}
