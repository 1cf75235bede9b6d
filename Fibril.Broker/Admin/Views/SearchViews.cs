using Fibril.Broker.Channels.Inspection;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Streams.Inspection;

namespace Fibril.Broker.Admin.Views;

/// <summary>A piece of a search.</summary>
/// <param name="Topic">Where was looked.</param>
/// <param name="Group">Where was looked.</param>
/// <param name="Kind"><c>queue</c> or <c>stream</c>.</param>
/// <param name="Limit">The limit that was used.</param>
/// <param name="Scanned">Messages that were looked at for this piece.</param>
/// <param name="Done">True when everything was looked at.</param>
/// <param name="Cursor">Goes into the next request, with the same conditions; null when everything was looked at.</param>
/// <param name="Items">By partition and offset. A piece can be empty while there is more to look at.</param>
internal sealed record SearchView(string Topic, string? Group, string Kind, int Limit, long Scanned, bool Done, string? Cursor, IReadOnlyList<FoundMessageView> Items)
{
    public static SearchView Of(SearchRequest request, SearchPage<FoundMessage> page) => new(
        request.Channel.Topic, request.Channel.Group, "queue", request.Limit, page.Examined, page.Next is null, page.Next?.ToString(), [.. page.Found.Select(FoundMessageView.Of)]);

    public static SearchView Of(SearchRequest request, SearchPage<FoundRecord> page) => new(
        request.Channel.Topic, request.Channel.Group, "stream", request.Limit, page.Examined, page.Next is null, page.Next?.ToString(), [.. page.Found.Select(FoundMessageView.Of)]);
}

/// <summary>A message that was found.</summary>
/// <param name="Partition">Its place.</param>
/// <param name="Offset">Its place.</param>
/// <param name="State">What the queue knows of it; null for a record of a stream, which has no state.</param>
/// <param name="Headers">What came with it.</param>
/// <param name="PayloadLen">Length of the whole payload, in bytes.</param>
/// <param name="PayloadBase64">The start of the payload, when it was asked for.</param>
/// <param name="PayloadTruncated">True when that is not all.</param>
internal sealed record FoundMessageView(
    int Partition, long Offset, MessageStateView? State, MessageHeadersView Headers, int PayloadLen, string? PayloadBase64, bool PayloadTruncated)
{
    public static FoundMessageView Of(FoundMessage found) => Of(found.Partition, found.State.Offset, MessageStateView.Of(found.State), found.Content);

    public static FoundMessageView Of(FoundRecord found) => Of(found.Partition, found.Offset, state: null, found.Content);

    private static FoundMessageView Of(int partition, long offset, MessageStateView? state, MessageContent content) => new(
        partition, offset, state, MessageHeadersView.Of(content), content.PayloadBytes, content.Preview is { } preview ? Convert.ToBase64String(preview) : null, content.PreviewIsTruncated);
}

/// <summary>Where a time is in a partition.</summary>
/// <param name="Topic">The queue or stream.</param>
/// <param name="Group">The queue.</param>
/// <param name="Partition">The partition.</param>
/// <param name="AtMs">The time, in Unix milliseconds.</param>
/// <param name="Offset">The first message that was received then or later; the end when there is none.</param>
/// <param name="ReceivedMs">When that one was received, in Unix milliseconds; null at the end.</param>
/// <param name="StartOffset">Offset of the oldest message that is still stored; the end when there is none.</param>
/// <param name="EndOffset">Offset behind the newest.</param>
internal sealed record FoundTimeView(string Topic, string? Group, int Partition, long AtMs, long Offset, long? ReceivedMs, long StartOffset, long EndOffset)
{
    public static FoundTimeView Of(PartitionId id, long atMs, FoundTime found) => new(
        id.Queue.Topic, id.Queue.Group, id.Partition, atMs, found.Offset, found.ReceivedMs, found.StartOffset, found.EndOffset);
}

/// <summary>A page of records of a stream.</summary>
/// <param name="Topic">The stream.</param>
/// <param name="Partition">The partition.</param>
/// <param name="NextOffsetHint">Where the next page starts.</param>
/// <param name="Limit">The limit that was used.</param>
/// <param name="StartOffset">Offset of the oldest record that is kept.</param>
/// <param name="EndOffset">Offset behind the newest that can be read.</param>
/// <param name="HasMore">False when the page came to that end.</param>
/// <param name="Items">Ascending by offset.</param>
internal sealed record RecordPageView(
    string Topic, int Partition, long NextOffsetHint, int Limit, long StartOffset, long EndOffset, bool HasMore, IReadOnlyList<FoundMessageView> Items)
{
    public static RecordPageView Of(PartitionId id, RecordPage page) => new(
        id.Queue.Topic, id.Partition, page.NextOffset, page.Limit, page.StartOffset, page.EndOffset, page.HasMore, [.. page.Records.Select(FoundMessageView.Of)]);
}
