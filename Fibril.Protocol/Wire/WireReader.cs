using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Fibril.Protocol;

/// <summary>Reads the primitives of the protocol from one body, strictly and without ever throwing on hostile input.</summary>
/// <remarks>
/// The first fault sticks: it is kept in <see cref="Error"/>, and every later read returns a default value. Lengths and counts are
/// compared with the bytes that remain before anything is allocated. Not thread-safe; spans it returns point into the body.
/// </remarks>
public ref struct WireReader
{
    private readonly ReadOnlySpan<byte> _body;
    private int _position;
    private DecodeError _error;

    /// <summary>Starts at the first byte of <paramref name="body"/>.</summary>
    public WireReader(ReadOnlySpan<byte> body) => _body = body;

    /// <summary>The first fault, or <see cref="DecodeFault.None"/>.</summary>
    public readonly DecodeError Error => _error;

    /// <summary>True once a fault was found.</summary>
    public readonly bool Failed => _error.Fault != DecodeFault.None;

    /// <summary>True when no byte is left. Marks where an older peer may have stopped (ENC-2).</summary>
    public readonly bool AtEnd => _position == _body.Length;

    private readonly int Remaining => _body.Length - _position;

    /// <summary>Records <paramref name="fault"/> unless an earlier one is known, and makes every later read fail.</summary>
    public void Fail(DecodeFault fault) => Fail(fault, _position);

    /// <summary>One byte.</summary>
    public byte ReadU8()
    {
        ReadOnlySpan<byte> bytes = Take(1);
        return bytes.IsEmpty ? (byte)0 : bytes[0];
    }

    /// <summary>Two bytes, big-endian.</summary>
    public ushort ReadU16()
    {
        ReadOnlySpan<byte> bytes = Take(2);
        return bytes.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }

    /// <summary>Four bytes, big-endian.</summary>
    public uint ReadU32()
    {
        ReadOnlySpan<byte> bytes = Take(4);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    /// <summary>Eight bytes, big-endian.</summary>
    public ulong ReadU64()
    {
        ReadOnlySpan<byte> bytes = Take(8);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    /// <summary>A byte that is 0 or 1.</summary>
    public bool ReadBool()
    {
        int at = _position;
        byte value = ReadU8();
        if (value > 1) Fail(DecodeFault.UndefinedBool, at);
        return value == 1;
    }

    /// <summary>An option tag: true when a value follows.</summary>
    public bool ReadOption()
    {
        int at = _position;
        byte tag = ReadU8();
        if (tag > 1) Fail(DecodeFault.UndefinedOption, at);
        return tag == 1;
    }

    /// <summary>The value of a closed enum or the tag of a union, at most <paramref name="largest"/>.</summary>
    public byte ReadClosed8(byte largest)
    {
        int at = _position;
        byte value = ReadU8();
        if (value <= largest) return value;
        Fail(DecodeFault.UndefinedValue, at);
        return 0;
    }

    /// <summary>Sixteen bytes in the order of the textual form.</summary>
    public Guid ReadUuid()
    {
        ReadOnlySpan<byte> bytes = Take(16);
        return bytes.IsEmpty ? Guid.Empty : new Guid(bytes, bigEndian: true);
    }

    /// <summary>A length and that many raw bytes, as a view of the body.</summary>
    public ReadOnlySpan<byte> ReadBytes()
    {
        uint length = ReadU32();
        if (length <= (uint)Remaining) return Take((int)length);
        Fail(DecodeFault.PastEnd);
        return default;
    }

    /// <summary>A length and that many bytes of valid UTF-8, as a view of the body.</summary>
    public ReadOnlySpan<byte> ReadUtf8()
    {
        int at = _position;
        ReadOnlySpan<byte> bytes = ReadBytes();
        if (Utf8.IsValid(bytes)) return bytes;
        Fail(DecodeFault.InvalidUtf8, at);
        return default;
    }

    /// <summary>A text, copied into a new string.</summary>
    public string ReadString() => Encoding.UTF8.GetString(ReadUtf8());

    /// <summary>An optional text, copied into a new string; null when absent.</summary>
    public string? ReadOptionalString() => ReadOption() ? ReadString() : null;

    /// <summary>An optional 32-bit number.</summary>
    public uint? ReadOptionalU32() => ReadOption() ? ReadU32() : null;

    /// <summary>An optional 64-bit number.</summary>
    public ulong? ReadOptionalU64() => ReadOption() ? ReadU64() : null;

    /// <summary>An optional uuid.</summary>
    public Guid? ReadOptionalUuid() => ReadOption() ? ReadUuid() : null;

    /// <summary>The number of elements of a list whose elements take at least <paramref name="smallestElementBytes"/> bytes each.</summary>
    /// <returns>A count that the remaining bytes can hold; 0 after a fault. Safe to allocate by.</returns>
    public int ReadCount(int smallestElementBytes)
    {
        int at = _position;
        uint count = ReadU32();
        if (count <= (uint)(Remaining / smallestElementBytes)) return (int)count;
        Fail(DecodeFault.PastEnd, at);
        return 0;
    }

    /// <summary>The next <paramref name="length"/> bytes as a view of the body; empty after a fault.</summary>
    public ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)Remaining || Failed)
        {
            Fail(DecodeFault.PastEnd);
            return default;
        }

        ReadOnlySpan<byte> taken = _body.Slice(_position, length);
        _position += length;
        return taken;
    }

    /// <summary>Where the next read starts; with <see cref="Since"/>, a way to keep a validated run of fields as it is.</summary>
    internal readonly int Mark() => _position;

    /// <summary>The bytes read since <paramref name="mark"/>; empty after a fault.</summary>
    internal readonly ReadOnlySpan<byte> Since(int mark) => Failed ? default : _body[mark.._position];

    internal void ExpectMagic(uint magic)
    {
        if (ReadU32() == magic && !Failed) return;
        _error = new DecodeError(DecodeFault.WrongMagic, 0);
    }

    internal void ExpectEnd()
    {
        if (!AtEnd) Fail(DecodeFault.TrailingBytes);
    }

    private void Fail(DecodeFault fault, int position)
    {
        if (!Failed) _error = new DecodeError(fault, position);
    }
}
