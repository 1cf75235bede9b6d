using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Log.Segments;

/// <summary>Goes through a segment file from record to record, and over the damage between them. Not thread-safe.</summary>
/// <remarks>
/// Behind the last good record of a segment that is appended to there may be what a crash left of writes that were never synced: a
/// record cut short, or pages of a batch without the pages before them. Nobody was told about those (S-41, S-42). It is damage
/// instead when a record further on says that the hole in front of it was synced before that record was written.
/// </remarks>
internal sealed class SegmentWalk : IDisposable
{
    private readonly SegmentReader _reader;
    private readonly Segment _segment;
    private readonly long? _endOffset;
    private readonly bool _isSynced;

    private SegmentWalk(SegmentReader reader, Segment segment, long? endOffset, bool isSynced)
    {
        _reader = reader;
        _segment = segment;
        _endOffset = endOffset;
        _isSynced = isSynced;
        Offset = segment.BaseOffset;
    }

    /// <summary>Byte behind the last record that was seen, or behind the damage that was passed.</summary>
    public long Position { get; private set; } = SegmentHeader.Size;

    /// <summary>The offset that is expected there.</summary>
    public long Offset { get; private set; }

    /// <summary>True when nothing but zeros follows.</summary>
    public bool IsAtCleanEnd => _reader.FindData(Position) is null;

    /// <summary>Walks a segment behind which there is another one: all of it was synced.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="segment">What is known of it.</param>
    /// <param name="endOffset">Base offset of the next segment.</param>
    public static SegmentWalk Sealed(IStorageFile file, Segment segment, long endOffset) =>
        new(new SegmentReader(file, segment.Salt), segment, endOffset, isSynced: true);

    /// <summary>Walks the segment that is appended to, or was when its process ended.</summary>
    public static SegmentWalk Active(IStorageFile file, Segment segment) =>
        new(new SegmentReader(file, segment.Salt), segment, endOffset: null, isSynced: false);

    /// <summary>Walks a segment that may be either: with the next one's base offset, or null when there is none.</summary>
    public static SegmentWalk Of(IStorageFile file, Segment segment, long? endOffset) =>
        endOffset is { } end ? Sealed(file, segment, end) : Active(file, segment);

    /// <summary>Walks a segment as far as it is known to be synced.</summary>
    public static SegmentWalk Synced(IStorageFile file, Segment segment, long limit) =>
        new(new SegmentReader(file, segment.Salt, limit), segment, endOffset: null, isSynced: true);

    /// <summary>The record at <see cref="Position"/>; false at the end, and where it is not the one that is expected.</summary>
    public bool TryNext(out Record record)
    {
        if (!_reader.TryRead(Position, out record) || record.Offset != Offset) return false;
        Position += RecordHeader.Align(record.Bytes.Length);
        Offset = GapRecord.EndOf(record);
        return true;
    }

    /// <summary>What is wrong at <see cref="Position"/>, where no record was found; null for the end, or the remains of a crash there.</summary>
    public LogDamage? FindDamage()
    {
        if (Offset == _endOffset) return null;
        string? detail = DescribeRecordInPlace();
        if (detail is null && _endOffset is null && IsAtCleanEnd) return null;

        (long endPosition, long? next, long? witness) = FindGoodBehind();
        if (witness is not null) detail ??= $"the record of offset {witness} behind it is good";
        if (_endOffset is not null) detail ??= $"the next segment starts at offset {_endOffset}";
        if (_isSynced) detail ??= "the record is not whole";
        return detail is null ? null : new LogDamage(_segment.Path, Position, endPosition, Offset, next ?? _endOffset, detail);
    }

    /// <summary>Goes on with the first good record behind a damage, or to the end.</summary>
    public void Pass(LogDamage damage)
    {
        Position = damage.EndPosition;
        Offset = damage.EndOffset ?? Offset;
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>A whole record that is not the one that should be there: no crash does that.</summary>
    private string? DescribeRecordInPlace()
    {
        if (!_reader.TryReadUnpadded(Position, out Record record)) return null;
        return record.Offset == Offset ? "the padding behind the record is not zero" : $"a record of offset {record.Offset} stands there";
    }

    /// <summary>
    /// Where good records go on behind <see cref="Position"/>, and with which offset; the end of the file when they do not. The
    /// witness is one of them that was written when the hole in front of it had been synced.
    /// </summary>
    private (long Position, long? Offset, long? Witness) FindGoodBehind()
    {
        long last = Offset + 1 + ((_reader.Length - Position) / RecordHeader.Size);
        var later = new OffsetRange(Offset + 1, _endOffset ?? last);
        (long Position, long Offset)? first = null;
        for (long position = Position; _reader.FindData(position) is { } found;)
        {
            // The first byte of a record's length is not always the one that is not zero.
            position = Math.Max(Position, found - (found % RecordHeader.Alignment));
            if (!_reader.TryRead(position, later, out Record record))
            {
                position += RecordHeader.Alignment;
                continue;
            }

            first ??= (position, record.Offset);
            if (_isSynced || position - RecordHeader.Unsynced(record.Bytes) > Position) return (first.Value.Position, first.Value.Offset, record.Offset);
            position += RecordHeader.Align(record.Bytes.Length);
        }

        return first is { } good ? (good.Position, good.Offset, null) : (Math.Max(Position, _reader.Length), null, null);
    }
}
