using System.Buffers.Binary;

namespace Fibril.Protocol;

/// <summary>The 20 bytes in front of every body. Version and flags are written as 1 and 0 and ignored when read (FRM-8).</summary>
public readonly record struct FrameHeader(uint BodyBytes, OpCode OpCode, ulong RequestId)
{
    /// <summary>Encoded size, in bytes.</summary>
    public const int Size = 20;

    /// <summary>The only protocol version there is.</summary>
    public const ushort ProtocolVersion = 1;

    /// <summary>Largest body a server may send, in bytes: some clients hold a frame's length in a signed 32-bit integer (FRM-6).</summary>
    public const int MaxSentBodyBytes = int.MaxValue - Size;

    /// <summary>Reads a header from the start of <paramref name="source"/>; false until <see cref="Size"/> bytes are there.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out FrameHeader header)
    {
        if (source.Length < Size)
        {
            header = default;
            return false;
        }

        header = new FrameHeader(
            BinaryPrimitives.ReadUInt32BigEndian(source),
            (OpCode)BinaryPrimitives.ReadUInt16BigEndian(source[6..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[12..]));
        return true;
    }

    /// <summary>Writes <see cref="Size"/> bytes to the start of <paramref name="destination"/>.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, BodyBytes);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], ProtocolVersion);
        BinaryPrimitives.WriteUInt16BigEndian(destination[6..], (ushort)OpCode);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], 0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[12..], RequestId);
    }
}
