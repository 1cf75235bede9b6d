using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Fibril.Client;

namespace Fibril.Cli.Consuming;

/// <summary>Turns messages into bytes for standard output. Each ends with LF.</summary>
internal abstract class MessageFormat : IDisposable
{
    public static MessageFormat Create(bool isJson, bool showsHeaders) => isJson ? new JsonFormat() : new LineFormat(showsHeaders);

    public abstract void Write(ReceivedMessage message, IBufferWriter<byte> output);

    public virtual void Dispose()
    {
    }

    /// <summary>The payload, byte for byte, after a line of properties if these are wanted.</summary>
    private sealed class LineFormat(bool showsHeaders) : MessageFormat
    {
        public override void Write(ReceivedMessage message, IBufferWriter<byte> output)
        {
            if (showsHeaders) output.Write(Encoding.UTF8.GetBytes(Describe(message)));
            output.Write(message.Payload.Span);
            output.Write("\n"u8);
        }

        private static string Describe(ReceivedMessage message)
        {
            var line = new StringBuilder($"# partition={message.Partition} offset={message.Offset} retries={message.Retries}");
            if (message.ContentType is { } contentType) line.Append($" content-type={Quote(contentType)}");
            foreach ((string key, string value) in message.Headers) line.Append($" {key}={Quote(value)}");
            return line.Append('\n').ToString();
        }

        private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
    }

    /// <summary>One object per message.</summary>
    private sealed class JsonFormat : MessageFormat
    {
        // Relaxed: the text is not put into a web page, and people read it.
        private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

        private readonly Utf8JsonWriter _writer = new(Stream.Null, Options);

        public override void Write(ReceivedMessage message, IBufferWriter<byte> output)
        {
            _writer.Reset(output);
            _writer.WriteStartObject();
            _writer.WriteNumber("partition"u8, message.Partition);
            _writer.WriteNumber("offset"u8, message.Offset);
            _writer.WriteNumber("retries"u8, message.Retries);
            if (message.PublishedAt is { } published) _writer.WriteString("published_at"u8, published);
            _writer.WriteString("received_at"u8, message.ReceivedAt);
            if (message.ContentType is { } contentType) _writer.WriteString("content_type"u8, contentType);
            _writer.WriteStartObject("headers"u8);
            foreach ((string key, string value) in message.Headers) _writer.WriteString(key, value);
            _writer.WriteEndObject();
            WritePayload(message.Payload.Span);
            _writer.WriteEndObject();
            _writer.Flush();
            output.Write("\n"u8);
        }

        public override void Dispose()
        {
            _writer.Dispose();
            base.Dispose();
        }

        private void WritePayload(ReadOnlySpan<byte> payload)
        {
            if (Utf8.IsValid(payload)) _writer.WriteString("payload"u8, payload);
            else _writer.WriteBase64String("payload_base64"u8, payload);
        }
    }
}
