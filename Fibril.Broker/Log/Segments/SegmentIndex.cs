using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Log.Segments;

/// <summary>One entry of a sparse index.</summary>
/// <param name="Offset">Offset of the record at <paramref name="Position"/>.</param>
/// <param name="Position">Byte in the segment file.</param>
/// <param name="EarlierTimestamp">Largest timestamp of all records before this one; <see cref="long.MinValue"/> for the first.</param>
internal readonly record struct IndexEntry(long Offset, long Position, long EarlierTimestamp);

/// <summary>Where records stand in a segment, by offset and by time, one entry in about 32 KiB. Derived data: rebuilt when missing (S-29).</summary>
/// <remarks>Filled by the partition loop while the segment is active; never changed afterwards.</remarks>
internal sealed class SegmentIndex
{
    private const int IntervalBytes = 32 << 10;
    private const int HeaderBytes = 40;
    private const int EntryBytes = 24;

    private readonly List<IndexEntry> _entries = [];

    public IReadOnlyList<IndexEntry> Entries => _entries;

    /// <summary>Largest timestamp of all records noted; <see cref="long.MinValue"/> while there are none.</summary>
    public long LargestTimestamp { get; private set; } = long.MinValue;

    private static ReadOnlySpan<byte> Magic => "FBRLIDX1"u8;

    /// <summary>Notes a run of records; adds an entry when the last one is far enough away.</summary>
    public void Note(long offset, long position, long firstTimestamp, long lastTimestamp)
    {
        if (_entries.Count == 0 || position - _entries[^1].Position >= IntervalBytes)
            _entries.Add(new IndexEntry(offset, position, LargestTimestamp));

        LargestTimestamp = Math.Max(LargestTimestamp, Math.Max(firstTimestamp, lastTimestamp));
    }

    /// <summary>The last entry at or before <paramref name="offset"/>; null when the segment has no records there.</summary>
    public IndexEntry? FindByOffset(long offset) => Find(entry => entry.Offset <= offset);

    /// <summary>An entry with only earlier records before it: the first record at or after <paramref name="timestamp"/> is there or behind.</summary>
    public IndexEntry? FindByTime(long timestamp) => Find(entry => entry.EarlierTimestamp < timestamp);

    /// <summary>The index as the content of its file.</summary>
    public byte[] Encode(uint salt, long endOffset, long endPosition)
    {
        var encoded = new byte[HeaderBytes + (_entries.Count * EntryBytes) + sizeof(uint)];
        Span<byte> rest = encoded;
        Magic.CopyTo(rest);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[8..], salt);
        BinaryPrimitives.WriteInt32LittleEndian(rest[12..], _entries.Count);
        BinaryPrimitives.WriteInt64LittleEndian(rest[16..], endOffset);
        BinaryPrimitives.WriteInt64LittleEndian(rest[24..], endPosition);
        BinaryPrimitives.WriteInt64LittleEndian(rest[32..], LargestTimestamp);
        rest = rest[HeaderBytes..];
        foreach (IndexEntry entry in CollectionsMarshal.AsSpan(_entries))
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, entry.Offset);
            BinaryPrimitives.WriteInt64LittleEndian(rest[8..], entry.Position);
            BinaryPrimitives.WriteInt64LittleEndian(rest[16..], entry.EarlierTimestamp);
            rest = rest[EntryBytes..];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(rest, Crc32C.Compute(encoded.AsSpan(0, encoded.Length - sizeof(uint)), salt));
        return encoded;
    }

    /// <summary>False when the content is not a whole, undamaged index of the segment with this salt.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, uint salt, out DecodedIndex decoded)
    {
        decoded = default;
        if (encoded.Length < HeaderBytes + sizeof(uint) || !encoded.StartsWith(Magic)) return false;
        int count = BinaryPrimitives.ReadInt32LittleEndian(encoded[12..]);
        if (count < 0 || encoded.Length != HeaderBytes + ((long)count * EntryBytes) + sizeof(uint)) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(encoded[^sizeof(uint)..]) != Crc32C.Compute(encoded[..^sizeof(uint)], salt)) return false;

        var index = new SegmentIndex { LargestTimestamp = BinaryPrimitives.ReadInt64LittleEndian(encoded[32..]) };
        index._entries.Capacity = count;
        for (ReadOnlySpan<byte> rest = encoded[HeaderBytes..]; index._entries.Count < count; rest = rest[EntryBytes..])
        {
            index._entries.Add(new IndexEntry(
                BinaryPrimitives.ReadInt64LittleEndian(rest),
                BinaryPrimitives.ReadInt64LittleEndian(rest[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(rest[16..])));
        }

        decoded = new DecodedIndex(
            index, BinaryPrimitives.ReadInt64LittleEndian(encoded[16..]), BinaryPrimitives.ReadInt64LittleEndian(encoded[24..]));
        return true;
    }

    private IndexEntry? Find(Func<IndexEntry, bool> isAtOrBefore)
    {
        int low = 0;
        int high = _entries.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (isAtOrBefore(_entries[middle])) low = middle + 1;
            else high = middle - 1;
        }

        return high < 0 ? null : _entries[high];
    }
}

/// <summary>An index read from its file, with what it says about the end of its segment.</summary>
internal readonly record struct DecodedIndex(SegmentIndex Index, long EndOffset, long EndPosition);
