using Fibril.Broker.Primitives;
using Fibril.Broker.Streams.Catalogue;
using Fibril.Protocol;

namespace Fibril.Broker.Streams;

/// <summary>A stream was declared before with another tier, which never changes (P-5). The message is fit for clients.</summary>
internal sealed class StreamConflictException(QueueName name, Durability present, Durability wanted) : Exception(
    $"Stream {name.Topic} exists with the {StreamDeclaration.NameOf(present)} tier, and a tier never changes, so it cannot become "
    + $"{StreamDeclaration.NameOf(wanted)}. Declare it with the tier it has, or take another topic.");

/// <summary>Nobody has declared the stream, or it has no such partition (P-8, O-8). The message is fit for clients.</summary>
internal sealed class UnknownStreamException : ArgumentException
{
    /// <param name="name">The topic.</param>
    /// <param name="isQueue">True when there is a queue of this name.</param>
    public UnknownStreamException(QueueName name, bool isQueue = false)
        : base(isQueue
            ? $"Topic {name.Topic} is a queue, and no stream. Subscribe to it as a queue."
            : $"There is no stream {name.Topic} here. Declare it first, or look for a typing error: streams do not come into being by being used.")
    {
    }

    public UnknownStreamException(StreamEntry entry, int partition)
        : base($"Stream {entry.Name.Topic} has {entry.PartitionCount} partition(s), numbered from 0; there is no partition {partition}.")
    {
        IsUnknownPartition = true;
    }

    /// <summary>True when there is such a stream, and only no such partition of it.</summary>
    public bool IsUnknownPartition { get; }
}
