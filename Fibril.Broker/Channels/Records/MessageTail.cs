using System.Buffers.Binary;
using Fibril.Protocol;

namespace Fibril.Broker.Channels.Records;

/// <summary>The part of a message that DELIVER sends as it is stored: content type, headers and payload. Validated when it came in.</summary>
internal static class MessageTail
{
    private const int LengthBytes = 4;

    /// <summary>Bytes that another header adds.</summary>
    public static int MeasureHeader(ReadOnlySpan<byte> key, int valueBytes) => LengthBytes + key.Length + LengthBytes + valueBytes;

    /// <summary>Where the headers begin, with their count.</summary>
    public static int HeadersAt(ReadOnlySpan<byte> tail) =>
        1 + ((ContentTypeKind)tail[0] == ContentTypeKind.Custom ? LengthBytes + BinaryPrimitives.ReadInt32BigEndian(tail[1..]) : 0);

    /// <summary>Copies a tail with one header more, in front of the others. Returns the bytes written.</summary>
    public static int CopyWithHeader(ReadOnlySpan<byte> tail, Span<byte> destination, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        int countAt = HeadersAt(tail);
        tail[..countAt].CopyTo(destination);
        var writer = new WireWriter(destination[countAt..]);
        writer.WriteU32(BinaryPrimitives.ReadUInt32BigEndian(tail[countAt..]) + 1);
        writer.WriteBytes(key);
        writer.WriteBytes(value);
        writer.WriteRaw(tail[(countAt + LengthBytes)..]);
        return countAt + writer.Written;
    }
}
