using Fibril.Broker.Channels.Inspection;

namespace Fibril.Broker.Queues.Inspection;

/// <summary>One message as an operator sees it.</summary>
internal sealed record InspectedMessage(MessageState State, MessageContent Content);

/// <summary>Messages of a partition, ascending by offset, and how far the search went.</summary>
/// <param name="Messages">As many as were asked for, unless there are no more, or they would have been too large together.</param>
/// <param name="Limit">The limit that was used.</param>
/// <param name="NextOffset">Where the next page starts.</param>
/// <param name="StartOffset">Offset of the oldest message whose record is still stored; the end when there is none.</param>
/// <param name="EndOffset">Offset behind the last message of the partition.</param>
internal sealed record InspectionPage(IReadOnlyList<InspectedMessage> Messages, int Limit, long NextOffset, long StartOffset, long EndOffset)
{
    /// <summary>True when the search ended before the end of the partition.</summary>
    public bool HasMore => NextOffset < EndOffset;
}
