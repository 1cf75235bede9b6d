using System.Buffers;

namespace Fibril.Broker.Log.Records;

/// <summary>A run of consecutive records in log format, in one pooled buffer: the unit that is built, appended, read and cached.</summary>
/// <remarks>
/// One owner at a time. A session builds it, hands it to a partition, which appends it and keeps it until its records were delivered;
/// while the log writes it, the log only reads. The owner disposes it, once.
/// </remarks>
internal sealed class RecordBlock : IDisposable
{
    private byte[] _buffer;
    private int[] _positions;

    private RecordBlock(int capacityBytes, int capacityCount)
    {
        _buffer = RecordBuffers.Rent(capacityBytes);
        _positions = ArrayPool<int>.Shared.Rent(capacityCount);
    }

    public int Count { get; private set; }

    /// <summary>Offset of the first record; known once the log has accepted the block, or when it was read.</summary>
    public long FirstOffset { get; private set; } = -1;

    /// <summary>Offset behind the last record.</summary>
    public long EndOffset => FirstOffset + Count;

    /// <summary>The records with their padding, as they stand in the segment.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, Length);

    /// <summary>Bytes the records take, padding included.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes of memory the block holds on to.</summary>
    public int HeldBytes => _buffer.Length + (_positions.Length * sizeof(int));

    /// <summary>An empty block with room for <paramref name="capacityBytes"/> bytes of records.</summary>
    public static RecordBlock Rent(int capacityBytes, int expectedCount = 16) => new(capacityBytes, expectedCount);

    /// <summary>The record at <paramref name="index"/>.</summary>
    public Record this[int index]
    {
        get
        {
            Span<byte> record = _buffer.AsSpan(_positions[index]);
            return new Record(record[..RecordHeader.Length(record)]);
        }
    }

    /// <summary>Where the record at <paramref name="index"/> starts in <see cref="Bytes"/>.</summary>
    public int PositionOf(int index) => _positions[index];

    /// <summary>True when a record with a body of this size still fits.</summary>
    public bool HasRoomFor(int bodyBytes) => RecordHeader.AlignedSize(bodyBytes) <= _buffer.Length - Length;

    /// <summary>Adds a record and returns its body, for the caller to fill completely.</summary>
    /// <remarks>There must be room for it.</remarks>
    public Span<byte> Add(byte kind, byte attributes, long timestamp, int bodyBytes)
    {
        int size = RecordHeader.AlignedSize(bodyBytes);
        Span<byte> record = _buffer.AsSpan(Length, size);
        RecordHeader.Begin(record, bodyBytes, kind, attributes, timestamp);
        record[(RecordHeader.Size + bodyBytes)..].Clear();
        AddPosition(Length);
        Length += size;
        return record.Slice(RecordHeader.Size, bodyBytes);
    }

    /// <summary>Takes back the record added last, when filling it turned out to be a mistake.</summary>
    public void RemoveLast()
    {
        Count--;
        Length = _positions[Count];
    }

    /// <summary>Takes records out again, before the block is sealed.</summary>
    /// <param name="indexes">Ascending.</param>
    public void Remove(IEnumerable<int> indexes)
    {
        using IEnumerator<int> removed = indexes.GetEnumerator();
        bool hasMore = removed.MoveNext();
        (int count, int length) = (Count, Length);
        Count = Length = 0;
        for (int i = 0; i < count; i++)
        {
            int end = i + 1 < count ? _positions[i + 1] : length;
            if (hasMore && removed.Current == i)
            {
                hasMore = removed.MoveNext();
                continue;
            }

            Span<byte> record = _buffer.AsSpan(_positions[i]..end);
            record.CopyTo(_buffer.AsSpan(Length));
            _positions[Count++] = Length;
            Length += record.Length;
        }
    }

    /// <summary>Gives every record its offset, its window and its checksum. Called by the log when it accepts the block.</summary>
    /// <param name="firstOffset">Offset of the first record.</param>
    /// <param name="unsyncedBefore">Bytes between what is known to be synced and the start of the block.</param>
    /// <param name="salt">The segment's checksum seed.</param>
    public void Seal(long firstOffset, long unsyncedBefore, uint salt)
    {
        FirstOffset = firstOffset;
        for (int i = 0; i < Count; i++)
        {
            uint unsynced = (uint)Math.Min(unsyncedBefore + _positions[i], uint.MaxValue);
            RecordHeader.Seal(_buffer.AsSpan(_positions[i]), firstOffset + i, unsynced, salt);
        }
    }

    /// <summary>Raw room for reading, from <see cref="Length"/> on.</summary>
    internal Span<byte> FreeSpace => _buffer.AsSpan(Length);

    /// <summary>Adopts a record that was read into <see cref="FreeSpace"/> and verified.</summary>
    internal void Adopt(int alignedSize, long offset)
    {
        if (Count == 0) FirstOffset = offset;
        AddPosition(Length);
        Length += alignedSize;
    }

    /// <summary>Leaves out bytes that belong to records before the first wanted one.</summary>
    internal void Skip(int alignedSize) => Length += alignedSize;

    public void Dispose()
    {
        if (_buffer.Length == 0) return;
        RecordBuffers.Return(_buffer);
        ArrayPool<int>.Shared.Return(_positions);
        _buffer = [];
        _positions = [];
        Count = 0;
        Length = 0;
    }

    private void AddPosition(int position)
    {
        if (Count == _positions.Length)
        {
            int[] larger = ArrayPool<int>.Shared.Rent(Count * 2);
            _positions.AsSpan(0, Count).CopyTo(larger);
            ArrayPool<int>.Shared.Return(_positions);
            _positions = larger;
        }

        _positions[Count++] = position;
    }
}
