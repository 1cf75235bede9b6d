using Fibril.Broker.Primitives;
using MessagePack;

namespace Fibril.Broker.Channels.Catalogue;

/// <summary>Reads an entry of one kind, from its array header on.</summary>
/// <exception cref="InvalidDataException">The record carries a valid checksum and is not an entry this version knows.</exception>
internal delegate ChannelEntry ChannelEntryReader(ref MessagePackReader reader);

/// <summary>A kind of channel, as the catalogue has to know it.</summary>
/// <param name="Number">Stands in stored entries: never renumber.</param>
/// <param name="Noun">What users call a channel of this kind.</param>
/// <param name="Advice">What to do with a topic that is of this kind, for somebody who took it for one of another.</param>
/// <param name="Read">Reads a stored entry.</param>
internal sealed record ChannelKind(byte Number, string Noun, string Advice, ChannelEntryReader Read);

/// <summary>A topic is one kind of channel for its lifetime (Q-8, DCL-4). The message is fit for clients.</summary>
internal sealed class ChannelKindException(QueueName name, ChannelKind wanted, ChannelKind present) : ArgumentException(
    $"Topic {name.Topic} is a {present.Noun}, so it cannot be a {wanted.Noun} as well. {present.Advice}, or use another topic.");
