using System.Buffers;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Log.Segments;

/// <summary>Looks at the records of one segment file through a sliding window. Not thread-safe.</summary>
internal sealed class SegmentReader(IStorageFile file, uint salt) : IDisposable
{
    private const int WindowBytes = 1 << 20;

    private readonly long _fileLength = file.Length;
    private byte[] _window = ArrayPool<byte>.Shared.Rent(WindowBytes);
    private long _windowStart;
    private int _windowLength;

    public long FileLength => _fileLength;

    /// <summary>The record at <paramref name="position"/>; false when the bytes there are not a whole record with a valid checksum.</summary>
    public bool TryRead(long position, out Record record)
    {
        record = default;
        return TryReadHeader(position, out ReadOnlySpan<byte> header) && TryReadWhole(position, header, out record);
    }

    /// <summary>As the other, for a record whose offset must lie in a range: what only looks like one is not read whole.</summary>
    public bool TryRead(long position, OffsetRange offsets, out Record record)
    {
        record = default;
        return TryReadHeader(position, out ReadOnlySpan<byte> header)
            && offsets.Contains(RecordHeader.Offset(header)) && TryReadWhole(position, header, out record);
    }

    /// <summary>The first position at or after <paramref name="position"/> with a byte that is not zero; null when all are zero.</summary>
    public long? FindData(long position)
    {
        while (position < _fileLength)
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
        return header.Length >= RecordHeader.Size && RecordHeader.IsPlausible(header, _fileLength - position);
    }

    private bool TryReadWhole(long position, ReadOnlySpan<byte> header, out Record record)
    {
        record = default;

        int length = RecordHeader.Length(header);
        ReadOnlySpan<byte> bytes = Peek(position, length)[..length];
        if (!RecordHeader.HasValidChecksum(bytes, salt)) return false;
        record = new Record(bytes);
        return true;
    }

    /// <summary>The bytes from <paramref name="position"/> on: at least <paramref name="count"/>, fewer only at the end of the file.</summary>
    private ReadOnlySpan<byte> Peek(long position, int count)
    {
        long wanted = Math.Min(position + count, _fileLength);
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
        _windowLength = file.Read(_window, position);
    }
}
