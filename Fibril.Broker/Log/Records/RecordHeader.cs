using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Log.Records;

/// <summary>
/// The 32 bytes in front of every record's body, little-endian. The README of this module draws them.
/// </summary>
/// <remarks>
/// <c>unsynced</c> is what tells a crash from damage: it says how many bytes before this record were not yet known to be on the disk
/// when it was written. A hole in front of that window was synced once, so it is damage; a hole inside it is what a power loss leaves
/// of writes nobody was told about.
/// </remarks>
internal static class RecordHeader
{
    public const int Size = 32;
    public const int Alignment = 8;

    private const int LengthAt = 0;
    private const int ChecksumAt = 4;
    private const int UnsyncedAt = 8;
    private const int KindAt = 12;
    private const int AttributesAt = 13;
    private const int ReservedAt = 14;
    private const int OffsetAt = 16;
    private const int TimestampAt = 24;

    /// <summary>Bytes a record with a body of this size takes in the log, padding included.</summary>
    public static int AlignedSize(int bodyBytes) => Align(checked(Size + bodyBytes));

    public static int Align(int length) => checked(length + Alignment - 1) & ~(Alignment - 1);

    /// <summary>Writes what is known before the log accepts the record.</summary>
    public static void Begin(Span<byte> record, int bodyBytes, byte kind, byte attributes, long timestamp)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record[LengthAt..], Size + bodyBytes);
        record[KindAt] = kind;
        record[AttributesAt] = attributes;
        BinaryPrimitives.WriteInt16LittleEndian(record[ReservedAt..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(record[TimestampAt..], timestamp);
    }

    /// <summary>Completes a record: its offset, its window, and the checksum over all of it.</summary>
    public static void Seal(Span<byte> record, long offset, uint unsynced, uint salt)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(record[UnsyncedAt..], unsynced);
        BinaryPrimitives.WriteInt64LittleEndian(record[OffsetAt..], offset);
        int length = BinaryPrimitives.ReadInt32LittleEndian(record);
        BinaryPrimitives.WriteUInt32LittleEndian(record[ChecksumAt..], Crc32C.Compute(record[UnsyncedAt..length], salt));
    }

    /// <summary>The length field, unchecked; 0 where nothing was written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Length(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt32LittleEndian(record);

    public static uint Unsynced(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt32LittleEndian(record[UnsyncedAt..]);

    public static byte Kind(ReadOnlySpan<byte> record) => record[KindAt];

    public static byte Attributes(ReadOnlySpan<byte> record) => record[AttributesAt];

    public static long Offset(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt64LittleEndian(record[OffsetAt..]);

    public static long Timestamp(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt64LittleEndian(record[TimestampAt..]);

    /// <summary>True when a header can be a record's at all, given the bytes from its start to the end of the segment.</summary>
    public static bool IsPlausible(ReadOnlySpan<byte> header, long bytesToEnd)
    {
        int length = Length(header);
        return length >= Size && length <= bytesToEnd && BinaryPrimitives.ReadInt16LittleEndian(header[ReservedAt..]) == 0;
    }

    /// <summary>True when <paramref name="record"/>, cut to its length, carries the checksum that belongs to it.</summary>
    public static bool HasValidChecksum(ReadOnlySpan<byte> record, uint salt) =>
        BinaryPrimitives.ReadUInt32LittleEndian(record[ChecksumAt..]) == Crc32C.Compute(record[UnsyncedAt..], salt);
}
