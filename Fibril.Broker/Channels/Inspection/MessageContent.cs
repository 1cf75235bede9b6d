using System.Text;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log.Records;
using Fibril.Protocol;

namespace Fibril.Broker.Channels.Inspection;

/// <summary>What the log holds of one message.</summary>
/// <param name="PublishedMs">The producer's clock, as it gave it.</param>
/// <param name="ReceivedMs">The broker's clock when it came in, Unix milliseconds.</param>
/// <param name="ContentType">A MIME string; null when none was given.</param>
/// <param name="Headers">In the order they were given in; a key may be there twice, and the last one counts.</param>
/// <param name="PayloadBytes">Length of the whole payload.</param>
/// <param name="Preview">The start of the payload; null unless asked for.</param>
internal sealed record MessageContent(
    ulong PublishedMs,
    long ReceivedMs,
    string? ContentType,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    int PayloadBytes,
    byte[]? Preview)
{
    // Objects, numbers and names around what is counted exactly.
    private const int BytesBesides = 256;

    /// <summary>True when the preview is not the whole payload.</summary>
    public bool PreviewIsTruncated => Preview is { } preview && preview.Length < PayloadBytes;

    /// <summary>About the memory that it takes, and a page of it on its way.</summary>
    public long HeldBytes =>
        BytesBesides + (Preview?.Length ?? 0) + Headers.Sum(static header => 2L * (header.Key.Length + header.Value.Length));

    /// <summary>Copies what is wanted out of a record.</summary>
    /// <param name="record">Valid for the call.</param>
    /// <param name="previewBytes">Most bytes of the payload; null for none of it.</param>
    public static MessageContent Of(in Record record, int? previewBytes)
    {
        var message = new StoredMessage(record);
        var headers = new List<KeyValuePair<string, string>>();
        foreach (Header header in message.Headers) headers.Add(new(Encoding.UTF8.GetString(header.Key), Encoding.UTF8.GetString(header.Value)));
        byte[]? preview = previewBytes is { } most ? message.Payload[..Math.Min(most, message.Payload.Length)].ToArray() : null;
        return new MessageContent(message.Published, record.Timestamp, message.ContentType.ToMime(), headers, message.Payload.Length, preview);
    }
}
