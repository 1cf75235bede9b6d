using Fibril.Broker.Channels.Inspection;
using Fibril.Broker.Queues.DeadLetters;

namespace Fibril.Broker.Queues.Inspection;

/// <summary>The life of one message, as far as the logs still hold it. Leases are not written down: they show when they end.</summary>
/// <param name="State">The present.</param>
/// <param name="Content">What it is, without its payload; null when its record is gone.</param>
/// <param name="Events">In the order they happened in.</param>
internal sealed record MessageStory(MessageState State, MessageContent? Content, IReadOnlyList<StoryEvent> Events)
{
    /// <summary>
    /// Events of before this time may be missing, because snapshots have replaced them; null when the log goes back to the first. Unix
    /// milliseconds.
    /// </summary>
    public long? EventsMissingBeforeMs { get; init; }

    /// <summary>Events that are left out, the oldest of a message that has very many.</summary>
    public int OmittedCount { get; init; }

    /// <summary>Where a dead letter comes from; null for any other message.</summary>
    public DeadLetterSource? Source { get; init; }

    /// <summary>The message that a dead letter was; null when its partition is not known, which its headers do not tell.</summary>
    public MessageLink? SourceMessage { get; init; }

    /// <summary>Copies of the message: its dead letter, or its replays.</summary>
    public IEnumerable<MessageLink> Copies => Events.Select(static happened => happened.Copy).OfType<MessageLink>();

    /// <summary>True when everything is there that happened since the message came in.</summary>
    public bool IsComplete =>
        OmittedCount == 0 && Content is { } content && (EventsMissingBeforeMs is not { } missing || missing <= content.ReceivedMs);
}
