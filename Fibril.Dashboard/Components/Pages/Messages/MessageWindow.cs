using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Messages;

/// <summary>Which messages of a partition are shown: a window on its offsets.</summary>
/// <param name="From">The first offset to look at; null for the oldest that is stored.</param>
/// <param name="Limit">Most messages of a page.</param>
/// <param name="Status">States, with commas between them; null for the default of the API.</param>
/// <param name="IncludeSettled">Shows those that are finished, too.</param>
public sealed record MessageWindow(ChannelName Queue, int Partition, long? From, int Limit, string? Status, bool IncludeSettled)
{
    public const int DefaultLimit = 50;
    public const int MostLimit = 5000;

    /// <summary>Bytes of each payload that a list shows the start of.</summary>
    private const int PreviewBytes = 128;

    public string Path(bool withPayload) => Link.To(
        "admin/api/messages", ("topic", Queue.Topic), ("group", Queue.Group), ("partition", Partition), ("from", From), ("limit", Limit), ("status", Status), ("include_settled", IncludeSettled),
        ("include_payload", withPayload), ("payload_limit_bytes", withPayload ? PreviewBytes : null));

    /// <summary>Where a page begins that shows the newest.</summary>
    public long Newest(MessagePage page) => Math.Max(page.StartOffset, page.EndOffset - Limit);

    /// <summary>Where the page before this one begins; null when this is the first.</summary>
    public long? Before(MessagePage page) => (From ?? 0) > page.StartOffset ? Math.Max(page.StartOffset, From!.Value - Limit) : null;

    /// <summary>Where the page after this one begins; null when this is the last.</summary>
    public static long? After(MessagePage page) => page.HasMore && page.NextOffsetHint < page.EndOffset ? page.NextOffsetHint : null;

    /// <summary>What is looked at, in words.</summary>
    public string Describe(MessagePage page) => page.EndOffset == page.StartOffset
        ? $"Nothing is stored; the next message gets offset {Show.Exact(page.EndOffset)}."
        : $"Stored: offsets {Show.Exact(page.StartOffset)} to {Show.Exact(page.EndOffset - 1)}. Looked at: {Show.Exact(Math.Max(From ?? 0, page.StartOffset))} to {Show.Exact(Math.Max(0, (After(page) ?? page.EndOffset) - 1))}.";
}
