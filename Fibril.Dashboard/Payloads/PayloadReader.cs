using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Dashboard.Api;
using MessagePack;

namespace Fibril.Dashboard.Payloads;

/// <summary>Makes payloads readable. Pure: nothing in a payload is run, and none of its types are made, whatever it says of itself.</summary>
public static class PayloadReader
{
    private const int DeepestJson = 128;
    private const int DeepestMessagePack = 128;
    private const int MostObjects = 1000;

    private static readonly JsonDocumentOptions JsonReading = new() { MaxDepth = DeepestJson, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
    private static readonly MessagePackSerializerOptions MessagePackReading = MessagePackSerializerOptions.Standard
        .WithSecurity(MessagePackSecurity.UntrustedData.WithMaximumObjectGraphDepth(DeepestMessagePack));

    /// <summary>Reads a payload in one of the ways.</summary>
    /// <param name="format">Not <see cref="PayloadFormat.Hex"/>, which is shown in pages: see <see cref="HexPage"/>.</param>
    /// <param name="payload">All of it, or its start.</param>
    /// <param name="isCut">True when there is more.</param>
    public static ReadablePayload Read(PayloadFormat format, ReadOnlyMemory<byte> payload, bool isCut) => format switch
    {
        PayloadFormat.Json => Json(payload, isCut),
        PayloadFormat.MessagePack => MessagePack(payload, isCut),
        _ => PayloadText.Read(payload.Span),
    };

    /// <summary>The format that a payload is most likely in: by what it says of itself, as far as the bytes agree, else by the bytes.</summary>
    public static PayloadFormat Likely(string? contentType, ReadOnlyMemory<byte> payload, bool isCut)
    {
        if (payload.IsEmpty) return PayloadFormat.Text;
        string type = contentType?.ToLowerInvariant() ?? "";
        if ((type.Contains("msgpack", StringComparison.Ordinal) || type.Contains("messagepack", StringComparison.Ordinal)) && MessagePack(payload, isCut).Text is not null)
            return PayloadFormat.MessagePack;
        if (!PayloadText.IsPlain(payload.Span)) return LooksLikeMessagePack(payload, isCut) ? PayloadFormat.MessagePack : PayloadFormat.Hex;
        bool looksLikeJson = type.Contains("json", StringComparison.Ordinal) || payload.Span.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];
        return looksLikeJson && Json(payload, isCut).Text is not null ? PayloadFormat.Json : PayloadFormat.Text;
    }

    private static ReadablePayload Json(ReadOnlyMemory<byte> payload, bool isCut)
    {
        if (isCut) return new ReadablePayload(null, "Only the start of the payload is here, and JSON is readable as a whole only. Load more of it, or look at the text.");
        try
        {
            return new ReadablePayload(JsonNode.Parse(payload.Span, documentOptions: JsonReading)?.ToJsonString(ApiJson.Indented) ?? "null");
        }
        catch (Exception fault) when (IsUnreadableJson(fault))
        {
            return new ReadablePayload(null, $"This is no JSON: {fault.Message}");
        }
    }

    private static ReadablePayload MessagePack(ReadOnlyMemory<byte> payload, bool isCut)
    {
        if (isCut) return new ReadablePayload(null, "Only the start of the payload is here, and MessagePack is readable as a whole only. Load more of it, or look at the bytes.");
        if (payload.IsEmpty) return new ReadablePayload(null, "The payload is empty.");
        try
        {
            var reader = new MessagePackReader(payload);
            var lines = new List<string>();
            while (!reader.End && lines.Count < MostObjects)
            {
                using var json = new StringWriter();
                MessagePackSerializer.ConvertToJson(ref reader, json, MessagePackReading);
                lines.Add(Indent(json.ToString()));
            }

            string? note = !reader.End ? $"Only the first {MostObjects} objects are shown." : lines.Count > 1 ? $"{lines.Count} objects, one after the other." : null;
            return new ReadablePayload(string.Join('\n', lines), note);
        }
        catch (Exception fault) when (fault is MessagePackSerializationException or EndOfStreamException or InsufficientExecutionStackException or OverflowException or NotSupportedException
                                          or ArgumentException or InvalidOperationException)
        {
            // An argument is wrong when a time is beyond the calendar.
            return new ReadablePayload(null, $"This is no MessagePack: {(fault.InnerException ?? fault).Message}");
        }
    }

    /// <summary>Only a map or an array is a sure sign: nearly any byte begins some MessagePack.</summary>
    private static bool LooksLikeMessagePack(ReadOnlyMemory<byte> payload, bool isCut) =>
        payload.Span[0] is (>= 0x80 and <= 0x9f) or (>= 0xdc and <= 0xdf) && MessagePack(payload, isCut).Text is not null;

    /// <summary>An argument is wrong when a key comes twice, an operation when half a letter is escaped: the document is valid, and only its text can show it.</summary>
    private static bool IsUnreadableJson(Exception fault) => fault is JsonException or ArgumentException or InvalidOperationException;

    /// <summary>Keys of MessagePack need not be texts, so its JSON is not always valid; then it is shown as it is.</summary>
    private static string Indent(string json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: JsonReading)?.ToJsonString(ApiJson.Indented) ?? "null";
        }
        catch (Exception fault) when (IsUnreadableJson(fault))
        {
            return json;
        }
    }
}
