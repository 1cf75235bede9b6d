using System.Buffers.Binary;
using Fibril.Broker.Log.Records;
using Fibril.Protocol;

namespace Fibril.Broker.Channels.Records;

/// <summary>The body of a message record: its birth state, then what DELIVER sends, as DELIVER sends it.</summary>
/// <remarks>
/// Layout: not-before (i64 little-endian, only with its attribute), deadline (likewise), published (u64 big-endian), then content type,
/// headers and payload in their wire form. A delivery copies the tail as it is.
/// </remarks>
internal static class MessageRecord
{
    /// <summary>Record kind. On disk: never renumber.</summary>
    public const byte Kind = 1;

    private const byte HasNotBefore = 1;
    private const byte HasDeadline = 2;
    private const byte HasProducerId = 4;
    private const int PublishedBytes = 8;

    /// <summary>True when the message has a first state other than ready.</summary>
    public static bool HasBirthState(byte attributes) => (attributes & (HasNotBefore | HasDeadline)) != 0;

    /// <summary>True when the headers say which message of which producer it is, and it was published as such: a copy of it is not.</summary>
    public static bool HasProducer(byte attributes) => (attributes & HasProducerId) != 0;

    /// <summary>Size of the body, in bytes.</summary>
    public static int Measure(in NewMessage message) => checked(
        BirthBytes(AttributesOf(message)) + PublishedBytes
        + message.ContentType.Measure() + message.Headers.Encoded.Length + 4 + message.Payload.Length);

    public static byte AttributesOf(in NewMessage message) =>
        (byte)((message.NotBefore > 0 ? HasNotBefore : 0) | (message.Deadline.HasValue ? HasDeadline : 0) | (message.HasProducer ? HasProducerId : 0));

    /// <summary>Fills <paramref name="body"/>, which has the size that <see cref="Measure"/> says.</summary>
    public static void Write(Span<byte> body, in NewMessage message)
    {
        int position = 0;
        if (message.NotBefore > 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(body, message.NotBefore);
            position += sizeof(long);
        }

        if (message.Deadline is { } deadline)
        {
            BinaryPrimitives.WriteInt64LittleEndian(body[position..], deadline);
            position += sizeof(long);
        }

        var writer = new WireWriter(body[position..]);
        writer.WriteU64(message.Published);
        message.ContentType.Write(ref writer);
        writer.WriteRaw(message.Headers.Encoded);
        writer.WriteBytes(message.Payload);
    }

    /// <summary>Unix milliseconds before which the message is not delivered; 0 for none.</summary>
    public static long NotBefore(in Record record) =>
        (record.Attributes & HasNotBefore) != 0 ? BinaryPrimitives.ReadInt64LittleEndian(record.Body) : 0;

    /// <summary>Unix milliseconds at which the message expires; null for never.</summary>
    public static long? Deadline(in Record record)
    {
        if ((record.Attributes & HasDeadline) == 0) return null;
        int position = (record.Attributes & HasNotBefore) != 0 ? sizeof(long) : 0;
        return BinaryPrimitives.ReadInt64LittleEndian(record.Body[position..]);
    }

    /// <summary>The producer's clock, still big-endian: eight bytes as DELIVER has them.</summary>
    public static ReadOnlySpan<byte> Published(scoped in Record record) => record.Body.Slice(BirthBytes(record.Attributes), PublishedBytes);

    /// <summary>Content type, headers and payload as DELIVER has them.</summary>
    public static ReadOnlySpan<byte> Tail(scoped in Record record) => record.Body[(BirthBytes(record.Attributes) + PublishedBytes)..];

    private static int BirthBytes(byte attributes) =>
        ((attributes & HasNotBefore) != 0 ? sizeof(long) : 0) + ((attributes & HasDeadline) != 0 ? sizeof(long) : 0);
}

/// <summary>A message on its way into a partition; a view of the frame it came in.</summary>
internal ref struct NewMessage
{
    public ulong Published;
    public ContentType ContentType;
    public HeaderBlock Headers;
    public ReadOnlySpan<byte> Payload;

    /// <summary>True when the headers name its producer, and it is to be stored only once.</summary>
    public bool HasProducer;

    /// <summary>Unix milliseconds before which it is not delivered; 0 for none.</summary>
    public long NotBefore;

    /// <summary>Unix milliseconds at which it expires; null for never.</summary>
    public long? Deadline;
}
