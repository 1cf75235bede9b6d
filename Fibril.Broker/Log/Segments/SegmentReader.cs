using System.Buffers;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Log.Segments;

/// <summary>Looks at the records of one segment file through a sliding window. Not thread-safe.</summary>
/// <param name="file">The open file.</param>
/// <param name="salt">Seed of the checksums in it.</param>
/// <param name="limit">Where it ends for this reader, when that is before the end of the file.</param>
internal sealed class SegmentReader(IStorageFile file, uint salt, long limit = long.MaxValue) : IDisposable
{
    private const int WindowBytes = 1 << 20;

    private byte[] _window = ArrayPool<byte>.Shared.Rent(WindowBytes);
    private long _windowStart;
    private int _windowLength;

    public long Length { get; } = Math.Min(file.Length, limit);

    /// <summary>The record at <paramref name="position"/>; false when the bytes there are not a whole record with a valid checksum and padding.</summary>
    public bool TryRead(long position, out Record record) =>
        TryReadUnpadded(position, out record) && HasZeroPadding(position, record.Bytes.Length);

    /// <summary>As <see cref="TryRead(long, out Record)"/>, whatever stands in the padding.</summary>
    public bool TryReadUnpadded(long position, out Record record)
    {
        record = default;
        return TryReadHeader(position, out ReadOnlySpan<byte> header) && TryReadWhole(position, header, out record);
    }

    /// <summary>As the other, for a record whose offset must lie in a range: what only looks like one is not read whole.</summary>
    public bool TryRead(long position, OffsetRange offsets, out Record record)
    {
        record = default;
        return TryReadHeader(position, out ReadOnlySpan<byte> header)
            && offsets.Contains(RecordHeader.Offset(header)) && TryReadWhole(position, header, out record)
            && HasZeroPadding(position, record.Bytes.Length);
    }

    /// <summary>The first position at or after <paramref name="position"/> with a byte that is not zero; null when all are zero.</summary>
    public long? FindData(long position)
    {
        while (position < Length)
        {
            ReadOnlySpan<byte> bytes = Peek(position, 1);
            int at = bytes.IndexOfAnyExcept((byte)0);
            if (at >= 0) return position + at;
            position += bytes.Length;
        }

        return null;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_window);
        _window = [];
        _windowLength = 0;
    }

    private bool TryReadHeader(long position, out ReadOnlySpan<byte> header)
    {
        header = Peek(position, RecordHeader.Size);
        return header.Length >= RecordHeader.Size && RecordHeader.IsPlausible(header, Length - position);
    }

    private bool TryReadWhole(long position, ReadOnlySpan<byte> header, out Record record)
    {
        record = default;

        int length = RecordHeader.Length(header);
        ReadOnlySpan<byte> bytes = Peek(position, RecordHeader.Align(length))[..length]; // with its padding, which is looked at next
        if (!RecordHeader.HasValidChecksum(bytes, salt)) return false;
        record = new Record(bytes);
        return true;
    }

    /// <summary>The last record of a file that was cut may be without its padding; one that has some has zeros.</summary>
    private bool HasZeroPadding(long position, int length)
    {
        int aligned = RecordHeader.Align(length);
        ReadOnlySpan<byte> bytes = Peek(position, aligned);
        return !bytes[length..Math.Min(aligned, bytes.Length)].ContainsAnyExcept((byte)0);
    }

    /// <summary>The bytes from <paramref name="position"/> on: at least <paramref name="count"/>, fewer only at the end of the file.</summary>
    private ReadOnlySpan<byte> Peek(long position, int count)
    {
        long wanted = Math.Min(position + count, Length);
        if (wanted <= position) return default;
        if (position < _windowStart || wanted > _windowStart + _windowLength) Fill(position, count);
        return _window.AsSpan(0, _windowLength)[(int)(position - _windowStart)..];
    }

    private void Fill(long position, int count)
    {
        if (count > _window.Length)
        {
            ArrayPool<byte>.Shared.Return(_window);
            _window = ArrayPool<byte>.Shared.Rent(count);
        }

        _windowStart = position;
        _windowLength = file.Read(_window.AsSpan(0, (int)Math.Min(_window.Length, Length - position)), position);
    }
}
