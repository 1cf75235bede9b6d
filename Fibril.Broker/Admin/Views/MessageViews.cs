using Fibril.Broker.Channels.Inspection;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Broker.Queues.Inspection;

namespace Fibril.Broker.Admin.Views;

/// <summary>A page of messages (admin-api 11).</summary>
/// <param name="NextOffsetHint">Where the next page starts.</param>
/// <param name="Limit">The limit that was used.</param>
/// <param name="StartOffset">Offset of the oldest message whose record is still stored; the end when there is none.</param>
/// <param name="EndOffset">Offset behind the last message of the partition.</param>
/// <param name="HasMore">False when the search came to that end.</param>
/// <param name="Items">Ascending by offset.</param>
internal sealed record MessagePageView(long NextOffsetHint, int Limit, long StartOffset, long EndOffset, bool HasMore, IReadOnlyList<MessageView> Items)
{
    public static MessagePageView Of(InspectionPage page) => new(
        page.NextOffset, page.Limit, page.StartOffset, page.EndOffset, page.HasMore, [.. page.Messages.Select(static message => MessageView.Of(message.State, message.Content))]);
}

/// <summary>One message.</summary>
internal sealed record MessageView(
    MessageStateView State, MessageHeadersView? Headers, int PayloadLen, string? PayloadBase64, bool PayloadTruncated)
{
    public static MessageView Of(MessageState state, MessageContent content) => new(
        MessageStateView.Of(state), MessageHeadersView.Of(content), content.PayloadBytes,
        content.Preview is { } preview ? Convert.ToBase64String(preview) : null, content.PreviewIsTruncated);
}

/// <summary>What the queue knows of a message.</summary>
/// <param name="Offset">Its place in the partition.</param>
/// <param name="Status"><c>ready</c>, <c>inflight</c>, <c>delayed</c>, <c>pending_dlq</c> or <c>settled</c>.</param>
/// <param name="RetryCount">Retries that consumers asked for.</param>
/// <param name="InflightDeadlineMs">When the lease ends, in Unix milliseconds; only while it is inflight.</param>
/// <param name="AvailableAtMs">When it is due, in Unix milliseconds; only while it is delayed.</param>
/// <param name="ExpiresAtMs">When its time to live is over, in Unix milliseconds; null for never.</param>
/// <param name="Holder">Which consumer has it; only while it is inflight.</param>
/// <param name="PendingReason">Why it is to become a dead letter; only while it waits for that.</param>
internal sealed record MessageStateView(
    long Offset, string Status, int RetryCount, long? InflightDeadlineMs, long? AvailableAtMs, long? ExpiresAtMs, string? Holder, string? PendingReason)
{
    public static MessageStateView Of(MessageState state) => new(
        state.Offset, MessageStatuses.NameOf(state.Status), state.Retries, state.Lease?.DeadlineMs, state.DueMs, state.ExpiresAtMs,
        state.Lease?.Holder, state.PendingReason is { } reason ? EventNames.Of(reason) : null);
}

/// <summary>What came with a message.</summary>
/// <param name="Published">The producer's clock, in Unix milliseconds.</param>
/// <param name="PublishReceived">The broker's clock, in Unix milliseconds.</param>
/// <param name="ContentType">A MIME string.</param>
/// <param name="Extra">All headers. Of a key that came twice, the value that counts: the last.</param>
internal sealed record MessageHeadersView(ulong Published, long PublishReceived, string? ContentType, IReadOnlyDictionary<string, string> Extra)
{
    public static MessageHeadersView Of(MessageContent content)
    {
        var extra = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in content.Headers) extra[key] = value;
        return new MessageHeadersView(content.PublishedMs, content.ReceivedMs, content.ContentType, extra);
    }
}

/// <summary>A place of a message.</summary>
internal sealed record MessageLinkView(string Topic, string? Group, int Partition, long Offset)
{
    public static MessageLinkView? Of(MessageLink? link) =>
        link is null ? null : new MessageLinkView(link.Partition.Queue.Topic, link.Partition.Queue.Group, link.Partition.Partition, link.Offset);
}

/// <summary>The life of one message, as far as the logs still hold it.</summary>
/// <param name="State">The present.</param>
/// <param name="Headers">Null when its record is gone.</param>
/// <param name="PayloadLen">Null when its record is gone.</param>
/// <param name="Events">In the order they happened in.</param>
/// <param name="IsComplete">True when everything is there that happened since the message came in.</param>
/// <param name="EventsMissingBeforeMs">Before this time events may be missing; null when the log goes back to the first.</param>
/// <param name="OmittedCount">Events that are left out, the oldest.</param>
/// <param name="Source">Where a dead letter comes from.</param>
/// <param name="SourceMessage">The message that a dead letter was, when its place is known.</param>
internal sealed record MessageStoryView(
    MessageStateView State,
    MessageHeadersView? Headers,
    int? PayloadLen,
    IReadOnlyList<StoryEventView> Events,
    bool IsComplete,
    long? EventsMissingBeforeMs,
    int OmittedCount,
    DeadLetterSourceView? Source,
    MessageLinkView? SourceMessage)
{
    public static MessageStoryView Of(MessageStory story) => new(
        MessageStateView.Of(story.State),
        story.Content is { } content ? MessageHeadersView.Of(content) : null,
        story.Content?.PayloadBytes,
        [.. story.Events.Select(StoryEventView.Of)],
        story.IsComplete,
        story.EventsMissingBeforeMs,
        story.OmittedCount,
        DeadLetterSourceView.Of(story.Source),
        MessageLinkView.Of(story.SourceMessage));
}

/// <summary>One line of the story of a message.</summary>
internal sealed record StoryEventView(
    StoryEventKind Kind, long? AtMs, string? Holder, string? Reason, int? Retries, long? NotBeforeMs, long? ExpiresAtMs, MessageLinkView? Copy)
{
    public static StoryEventView Of(StoryEvent happened) => new(
        happened.Kind, happened.AtMs, happened.Holder, happened.Reason, happened.Retries, happened.NotBeforeMs, happened.ExpiresAtMs, MessageLinkView.Of(happened.Copy));
}

/// <summary>Where a dead letter comes from.</summary>
internal sealed record DeadLetterSourceView(string Topic, string? Group, long? Offset, long? RetryCount, string? Reason, long? DeadLetteredAtMs)
{
    public static DeadLetterSourceView? Of(DeadLetterSource? source) => source is null
        ? null
        : new DeadLetterSourceView(source.Queue.Topic, source.Queue.Group, source.Offset, source.Retries, source.Reason, source.AtMs);
}

/// <summary>The body of <c>POST /admin/api/messages/delete</c>.</summary>
internal sealed record DeleteMessagesBody(string Topic, IReadOnlyList<long> Offsets, string? Group = null, int Partition = 0);

/// <summary>The answer of it.</summary>
internal sealed record DeletedMessagesView(int Requested, int Removed, IReadOnlyList<RemovalView> Items);

/// <summary>What became of one message.</summary>
internal sealed record RemovalView(long Offset, string Outcome, string? Reason);

/// <summary>The body of <c>POST /admin/api/messages/move</c>.</summary>
/// <param name="Topic">Where the messages are.</param>
/// <param name="Offsets">Which, at most 100.</param>
/// <param name="Target">Where to.</param>
/// <param name="Group">Where the messages are.</param>
/// <param name="Partition">Where the messages are.</param>
/// <param name="Keep">True: the originals stay, so that there are two of each.</param>
internal sealed record MoveMessagesBody(string Topic, IReadOnlyList<long> Offsets, QueueTarget Target, string? Group = null, int Partition = 0, bool Keep = false);
