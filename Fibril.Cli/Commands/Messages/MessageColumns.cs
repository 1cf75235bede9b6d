using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Fibril.Cli.Output;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Messages;

/// <summary>What people see of messages.</summary>
internal static class MessageColumns
{
    /// <summary>How much of each payload is asked for when many are shown.</summary>
    public const long PreviewBytes = 256;

    private const int PreviewCharacters = 60;

    public static View List { get; } = new(
        new Table(
            "items", "No messages.",
            Column.Count("PARTITION", "partition"), Column.Count("OFFSET", "state.offset"), Column.Text("STATUS", "state.status"), Column.Count("RETRIES", "state.retry_count"),
            Column.Age("AGE", "headers.publish_received"), Column.Bytes("SIZE", "payload_len"), Column.Text("TYPE", "headers.content_type"),
            Column.Time("DUE", "state.available_at_ms").Extra, Column.Time("EXPIRES", "state.expires_at_ms").Extra,
            Column.Text("HOLDER", "state.holder").Extra, Column.Time("LEASED-UNTIL", "state.inflight_deadline_ms").Extra,
            Column.Made("HEADERS", "headers.extra", HeadersOf).Extra, Column.Made("PAYLOAD", "payload_base64", PreviewOf)),
        new Sentence(MoreOf));

    /// <summary>Messages of a queue and records of a stream: what only the former have is missing of the latter.</summary>
    public static View Found { get; } = new(
        new Table(
            "items", "No messages.",
            Column.Count("PARTITION", "partition"), Column.Count("OFFSET", "offset"), Column.Text("STATUS", "state.status"), Column.Count("RETRIES", "state.retry_count"),
            Column.Age("AGE", "headers.publish_received"), Column.Bytes("SIZE", "payload_len"), Column.Text("TYPE", "headers.content_type"),
            Column.Made("HEADERS", "headers.extra", HeadersOf).Extra, Column.Made("PAYLOAD", "payload_base64", PreviewOf)),
        new Sentence(static document => document.At("cursor").Text() is { } cursor
            ? $"{Amounts.Count(document.At("scanned").Number() ?? 0)} were looked at, and there is more: go on with --cursor {cursor}."
            : document.At("has_more").IsTrue() ? $"There is more: go on with --from {document.At("next_offset_hint").Number()}; the partition ends at {document.At("end_offset").Number()}." : null));

    public static View DeadLetters { get; } = new(
        new Table(
            "items", "No dead letters.",
            Column.Count("PARTITION", "partition"), Column.Count("OFFSET", "state.offset"), Column.Text("STATUS", "state.status"),
            Named("REASON", "stroma.dlq.reason"), Named("FROM", "stroma.dlq.source_topic"), Named("GROUP", "stroma.dlq.source_group"),
            Named("SOURCE-OFFSET", "stroma.dlq.source_offset"), Named("RETRIES", "stroma.dlq.retry_count"), Column.Age("AGE", "headers.publish_received"),
            Column.Bytes("SIZE", "payload_len"), Column.Text("TYPE", "headers.content_type").Extra, Column.Made("HEADERS", "headers.extra", HeadersOf).Extra,
            Column.Made("PAYLOAD", "payload_base64", PreviewOf)),
        new Sentence(MoreOf));

    /// <summary>One message with its payload.</summary>
    public static View One { get; } = new(
        new Sheet(
            null, "",
            Column.Count("Offset", "state.offset"), Column.Text("Status", "state.status"), Column.Count("Retries", "state.retry_count"),
            Column.Time("Received", "headers.publish_received"), Column.Time("Published", "headers.published"), Column.Time("Leased until", "state.inflight_deadline_ms"),
            Column.Text("Held by", "state.holder"), Column.Time("Due", "state.available_at_ms"), Column.Time("Expires", "state.expires_at_ms"),
            Column.Text("To the DLQ because", "state.pending_reason"), Column.Text("Content type", "headers.content_type"), Column.Bytes("Size", "payload_len"),
            Column.Made("Headers", "headers.extra", HeadersOf)),
        new Body());

    private static string HeadersOf(JsonElement headers) => headers.ValueKind != JsonValueKind.Object || !headers.EnumerateObject().Any()
        ? Column.Nothing
        : string.Join(' ', headers.EnumerateObject().Select(static header => $"{header.Name}={header.Value.Text()}"));

    private static string PreviewOf(JsonElement base64)
    {
        if (!base64.TryGetBytesFromBase64(out byte[]? bytes)) return Column.Nothing;
        string text = Readable(bytes) ?? $"0x{Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, PreviewCharacters / 2)))}";
        return text.Length > PreviewCharacters ? text[..PreviewCharacters] + "..." : text;
    }

    /// <summary>Null for what is no text. A preview may end within a character.</summary>
    private static string? Readable(byte[] bytes)
    {
        for (int cut = 0; cut < 4 && cut <= bytes.Length; cut++)
            if (Utf8.IsValid(bytes.AsSpan(0, bytes.Length - cut))) return Encoding.UTF8.GetString(bytes, 0, bytes.Length - cut);
        return null;
    }

    /// <summary>A column of a header, whose name may have dots.</summary>
    private static Column Named(string title, string header) => Column.Made(title, "headers.extra", headers => headers.TryGetProperty(header, out JsonElement value) ? value.Text() ?? "" : Column.Nothing);

    private static string? MoreOf(JsonElement document) => document.At("partitions").Items().FirstOrDefault(static page => page.At("has_more").IsTrue()) is { ValueKind: JsonValueKind.Object } page
        ? $"There is more: go on with --partition {page.At("partition").Number()} --from {page.At("next_offset_hint").Number()}; the partition ends at {page.At("end_offset").Number()}."
        : null;

    /// <summary>The payload: text as it is, anything else in base64.</summary>
    private sealed class Body : Section
    {
        public override void Write(JsonElement document, Rendering rendering)
        {
            if (document.At("payload_base64") is not { ValueKind: JsonValueKind.String } payload || !payload.TryGetBytesFromBase64(out byte[]? bytes)) return;
            string? text = Readable(bytes);
            rendering.Output.WriteLine(text is null ? payload.GetString() : string.Join('\n', text.Split('\n').Select(Column.Printable)));
            if (document.At("payload_truncated").IsTrue()) rendering.Output.WriteLine($"(the first {Amounts.Bytes(bytes.Length)} of it)");
        }
    }
}
