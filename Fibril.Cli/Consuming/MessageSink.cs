using Fibril.Client;

namespace Fibril.Cli.Consuming;

/// <summary>Where consumed messages go. They are settled when they have arrived there, never before.</summary>
internal abstract class MessageSink
{
    /// <summary>Messages that have arrived there.</summary>
    public long Written { get; protected set; }

    /// <summary>Messages that have arrived and could not be settled.</summary>
    public long Unsettled { get; protected set; }

    /// <summary>True when it is time to flush.</summary>
    public abstract bool IsFull { get; }

    public abstract void Add(ReceivedMessage message);

    /// <summary>Brings what was added to its place, then settles it.</summary>
    public abstract ValueTask FlushAsync();
}
