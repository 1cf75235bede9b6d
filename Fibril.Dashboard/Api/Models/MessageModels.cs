namespace Fibril.Dashboard.Api.Models;

/// <summary>A page of messages: <c>GET /admin/api/messages</c>.</summary>
/// <param name="NextOffsetHint">Where the next page starts.</param>
/// <param name="Limit">Most messages of a page.</param>
/// <param name="StartOffset">The oldest message that is still stored.</param>
/// <param name="EndOffset">Behind the newest.</param>
/// <param name="HasMore">False when the page came to the end.</param>
/// <param name="Items">By offset.</param>
public sealed record MessagePage(long NextOffsetHint, int Limit, long StartOffset, long EndOffset, bool HasMore, IReadOnlyList<MessageItem> Items);

/// <summary>One message of a page.</summary>
public sealed record MessageItem(MessageState State, MessageHeaders? Headers, int PayloadLen, string? PayloadBase64, bool PayloadTruncated)
{
    /// <summary>Which row is which.</summary>
    public string Key => $"{State.Offset}";
}

/// <summary>What the queue knows of a message.</summary>
public sealed record MessageState(
    long Offset, string Status, int RetryCount, long? InflightDeadlineMs, long? AvailableAtMs, long? ExpiresAtMs, string? Holder, string? PendingReason);

/// <summary>What came with a message.</summary>
public sealed record MessageHeaders(ulong Published, long PublishReceived, string? ContentType, IReadOnlyDictionary<string, string> Extra)
{
    /// <summary>The header that makes a message a dead letter: only with it is there a way back.</summary>
    public const string DeadLetterSource = "stroma.dlq.source_topic";

    public bool IsDeadLetter => Extra.ContainsKey(DeadLetterSource);
}

/// <summary>The life of one message: <c>GET /admin/api/messages/{offset}/story</c>.</summary>
public sealed record MessageStory(
    MessageState State, MessageHeaders? Headers, int? PayloadLen, IReadOnlyList<StoryEvent> Events, bool IsComplete, long? EventsMissingBeforeMs, int OmittedCount,
    DeadLetterSource? Source, MessagePlace? SourceMessage);

/// <summary>Something that happened to a message.</summary>
public sealed record StoryEvent(string Kind, long? AtMs, string? Holder, string? Reason, int? Retries, long? NotBeforeMs, long? ExpiresAtMs, MessagePlace? Copy);

/// <summary>Where a dead letter comes from.</summary>
public sealed record DeadLetterSource(string Topic, string? Group, long? Offset, long? RetryCount, string? Reason, long? DeadLetteredAtMs);

/// <summary>Where a message is.</summary>
public sealed record MessagePlace(string Topic, string? Group, int Partition, long Offset)
{
    public string Href => Formats.Link.Message(Topic, Group, Partition, Offset);

    public override string ToString() => $"{Formats.Show.Channel(Topic, Group)}, partition {Partition}, offset {Offset}";
}

/// <summary>A piece of a search: <c>GET /admin/api/messages/search</c>.</summary>
public sealed record SearchPiece(long Scanned, bool Done, string? Cursor, IReadOnlyList<FoundMessage> Items);

/// <summary>A message that was found.</summary>
public sealed record FoundMessage(int Partition, long Offset, MessageState? State, MessageHeaders Headers, int PayloadLen, string? PayloadBase64, bool PayloadTruncated)
{
    public string Key => $"{Partition}-{Offset}";
}

/// <summary>Where a time is in a partition: <c>GET /admin/api/messages/offset_at</c>.</summary>
public sealed record FoundTime(long Offset, long? ReceivedMs, long StartOffset, long EndOffset);

/// <summary>What became of messages that were moved, copied or replayed.</summary>
public sealed record TransferReport(int Requested, int Replayed, IReadOnlyList<TransferItem> Items);

/// <summary>What became of one of them.</summary>
public sealed record TransferItem(long Offset, string Outcome, string? TargetTopic, string? TargetGroup, int? TargetPartition, long? TargetOffset, string? Reason)
{
    public MessagePlace? Copy => TargetTopic is { } topic && TargetPartition is { } partition && TargetOffset is { } offset ? new MessagePlace(topic, TargetGroup, partition, offset) : null;
}

/// <summary>What became of messages that were deleted.</summary>
public sealed record DeletionReport(int Requested, int Removed, IReadOnlyList<DeletionItem> Items);

/// <summary>What became of one of them.</summary>
public sealed record DeletionItem(long Offset, string Outcome, string? Reason);
