using Fibril.Broker.Primitives;
using Fibril.Broker.Streams.Catalogue;
using Fibril.Protocol;

namespace Fibril.Broker.Streams;

/// <summary>A stream was declared before with another tier, which never changes (P-5). The message is fit for clients.</summary>
internal sealed class StreamConflictException(QueueName name, Durability present, Durability wanted) : Exception(
    $"Stream {name.Topic} exists with the {StreamDeclaration.NameOf(present)} tier, and a tier never changes, so it cannot become "
    + $"{StreamDeclaration.NameOf(wanted)}. Declare it with the tier it has, or take another topic.");

/// <summary>Nobody has declared the stream (P-8). The message is fit for clients.</summary>
internal sealed class UnknownStreamException(QueueName name) : Exception(
    $"There is no stream {name.Topic} here. Declare it first; streams do not come into being by being used.");
