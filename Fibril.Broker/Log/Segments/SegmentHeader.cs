using System.Buffers.Binary;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Log.Segments;

/// <summary>The first 64 bytes of a segment file, little-endian.</summary>
/// <param name="Kind">Which log the segment belongs to.</param>
/// <param name="Salt">
/// Seed of every checksum in the segment, random: bytes that came from another segment, or that a client made look like a record,
/// do not pass as records of this one.
/// </param>
/// <param name="BaseOffset">Offset of the first record.</param>
/// <param name="CreatedMs">Unix milliseconds.</param>
internal readonly record struct SegmentHeader(LogKind Kind, uint Salt, long BaseOffset, long CreatedMs)
{
    public const int Size = 64;

    /// <summary>Offset behind everything that a compacted segment stands for; 0 for one that was only appended to.</summary>
    public long CoversTo { get; init; }

    private const ushort FormatVersion = 1;
    private const int ChecksumAt = 60;

    private static ReadOnlySpan<byte> Magic => "FBRLSEG\0"u8;

    public void Write(Span<byte> destination)
    {
        destination[..Size].Clear();
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], FormatVersion);
        destination[10] = (byte)Kind;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Salt);
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], BaseOffset);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], CreatedMs);
        BinaryPrimitives.WriteInt64LittleEndian(destination[32..], CoversTo);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[ChecksumAt..], Crc32C.Compute(destination[..ChecksumAt]));
    }

    /// <summary>False when <paramref name="source"/> is not a whole, undamaged header.</summary>
    /// <exception cref="NotSupportedException">The segment was written by a newer version; it is refused, not guessed at (S-54).</exception>
    public static bool TryRead(ReadOnlySpan<byte> source, out SegmentHeader header)
    {
        header = default;
        if (source.Length < Size || !source.StartsWith(Magic)) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumAt..]) != Crc32C.Compute(source[..ChecksumAt])) return false;

        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(source[8..]);
        if (version != FormatVersion)
        {
            throw new NotSupportedException(
                $"The segment has format {version}; this version reads format {FormatVersion}. Use the newer broker that wrote it.");
        }

        header = new SegmentHeader(
            (LogKind)source[10],
            BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[24..]))
        {
            CoversTo = BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
        };
        return true;
    }
}
