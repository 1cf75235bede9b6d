using Fibril.Broker.Channels.Inspection;

namespace Fibril.Broker.Streams.Inspection;

/// <summary>A record of a stream as an operator sees it.</summary>
internal sealed record FoundRecord(int Partition, long Offset, MessageContent Content);

/// <summary>Records of a partition, ascending by offset.</summary>
/// <param name="Records">As many as were asked for, unless there are no more, or they would have been too large together.</param>
/// <param name="Limit">The limit that was used.</param>
/// <param name="NextOffset">Where the next page starts.</param>
/// <param name="StartOffset">Offset of the oldest record that is kept.</param>
/// <param name="EndOffset">Offset behind the newest that can be read.</param>
internal sealed record RecordPage(IReadOnlyList<FoundRecord> Records, int Limit, long NextOffset, long StartOffset, long EndOffset)
{
    public bool HasMore => NextOffset < EndOffset;
}
