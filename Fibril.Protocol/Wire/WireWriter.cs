using System.Buffers.Binary;
using System.Text;

namespace Fibril.Protocol;

/// <summary>Writes the primitives of the protocol into a buffer of the right size. Not thread-safe.</summary>
/// <remarks>The caller measures first; running out of room is a mistake of the caller and throws <see cref="ArgumentException"/>.</remarks>
public ref struct WireWriter
{
    private readonly Span<byte> _destination;
    private int _position;

    /// <summary>Starts at the first byte of <paramref name="destination"/>.</summary>
    public WireWriter(Span<byte> destination) => _destination = destination;

    /// <summary>Bytes written so far.</summary>
    public readonly int Written => _position;

    /// <summary>Bytes that <see cref="WriteString"/> takes for <paramref name="value"/>.</summary>
    public static int Measure(string value) => 4 + Encoding.UTF8.GetByteCount(value);

    /// <summary>Bytes that <see cref="WriteOptional(string?)"/> takes for <paramref name="value"/>.</summary>
    public static int MeasureOptional(string? value) => value is null ? 1 : 1 + Measure(value);

    /// <summary>Bytes that <see cref="WriteOptional(uint?)"/> takes for <paramref name="value"/>.</summary>
    public static int MeasureOptional(uint? value) => value is null ? 1 : 5;

    /// <summary>Bytes that <see cref="WriteOptional(ulong?)"/> takes for <paramref name="value"/>.</summary>
    public static int MeasureOptional(ulong? value) => value is null ? 1 : 9;

    /// <summary>Bytes that <see cref="WriteOptional(Guid?)"/> takes for <paramref name="value"/>.</summary>
    public static int MeasureOptional(Guid? value) => value is null ? 1 : 17;

    /// <summary>One byte.</summary>
    public void WriteU8(byte value) => Next(1)[0] = value;

    /// <summary>Two bytes, big-endian.</summary>
    public void WriteU16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Next(2), value);

    /// <summary>Four bytes, big-endian.</summary>
    public void WriteU32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Next(4), value);

    /// <summary>Eight bytes, big-endian.</summary>
    public void WriteU64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Next(8), value);

    /// <summary>A byte that is 0 or 1.</summary>
    public void WriteBool(bool value) => WriteU8(value ? (byte)1 : (byte)0);

    /// <summary>Sixteen bytes in the order of the textual form.</summary>
    public void WriteUuid(Guid value) => value.TryWriteBytes(Next(16), bigEndian: true, out _);

    /// <summary>A length and the bytes; also right for text that is UTF-8 already.</summary>
    public void WriteBytes(scoped ReadOnlySpan<byte> value)
    {
        WriteU32((uint)value.Length);
        value.CopyTo(Next(value.Length));
    }

    /// <summary>The bytes alone, without a length: fields that are encoded already.</summary>
    public void WriteRaw(scoped ReadOnlySpan<byte> encoded) => encoded.CopyTo(Next(encoded.Length));

    /// <summary>A length and the text in UTF-8.</summary>
    public void WriteString(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        WriteU32((uint)length);
        Encoding.UTF8.GetBytes(value, Next(length));
    }

    /// <summary>An option tag and, when there is one, the text.</summary>
    public void WriteOptional(string? value)
    {
        WriteBool(value is not null);
        if (value is not null) WriteString(value);
    }

    /// <summary>An option tag and, when there is one, the number.</summary>
    public void WriteOptional(uint? value)
    {
        WriteBool(value.HasValue);
        if (value.HasValue) WriteU32(value.GetValueOrDefault());
    }

    /// <summary>An option tag and, when there is one, the number.</summary>
    public void WriteOptional(ulong? value)
    {
        WriteBool(value.HasValue);
        if (value.HasValue) WriteU64(value.GetValueOrDefault());
    }

    /// <summary>An option tag and, when there is one, the uuid.</summary>
    public void WriteOptional(Guid? value)
    {
        WriteBool(value.HasValue);
        if (value.HasValue) WriteUuid(value.GetValueOrDefault());
    }

    private Span<byte> Next(int length)
    {
        Span<byte> next = _destination.Slice(_position, length);
        _position += length;
        return next;
    }
}
