using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Log.Segments;

/// <summary>Sees every record of a log during recovery, in order.</summary>
internal interface IRecordVisitor
{
    void Visit(in Record record);
}

/// <summary>What a scan of one segment found.</summary>
/// <param name="EndOffset">Offset behind the last good record.</param>
/// <param name="EndPosition">Byte behind the last good record.</param>
/// <param name="UnsyncedFrom">Everything before this byte was synced when the last good record was written.</param>
/// <param name="TailIsClean">True when nothing but zeros follows: there is nothing to cut.</param>
internal readonly record struct SegmentScan(long EndOffset, long EndPosition, long UnsyncedFrom, bool TailIsClean)
{
    /// <summary>Verifies every record from the start of the segment on, and decides what the end of it means.</summary>
    /// <remarks>
    /// Behind the last good record there may be what a crash left of writes that were never synced: a record cut short, or pages of a
    /// batch without the pages before them. Nobody was told about those, and they are cut (S-41, S-42). It is damage instead when a
    /// record further on says that the hole in front of it was synced before that record was written.
    /// </remarks>
    /// <exception cref="LogDamagedException">Bytes that were synced are not what was written.</exception>
    public static SegmentScan Run(IStorageFile file, Segment segment, SegmentIndex index, IRecordVisitor? visitor)
    {
        using var reader = new SegmentReader(file, segment.Salt);
        long position = SegmentHeader.Size;
        long unsyncedFrom = position;
        long offset = segment.BaseOffset;
        while (reader.TryRead(position, out Record record) && record.Offset == offset)
        {
            index.Note(offset, position, record.Timestamp, record.Timestamp);
            visitor?.Visit(in record);
            unsyncedFrom = position - RecordHeader.Unsynced(record.Bytes);
            position += RecordHeader.Align(record.Bytes.Length);
            offset++;
        }

        bool tailIsClean = reader.FindData(position) is null;
        if (!tailIsClean) ThrowIfDamaged(reader, segment, position, offset);
        return new SegmentScan(offset, position, unsyncedFrom, tailIsClean);
    }

    private static void ThrowIfDamaged(SegmentReader reader, Segment segment, long holePosition, long expectedOffset)
    {
        if (reader.TryRead(holePosition, out Record misplaced))
            throw Damaged(segment, holePosition, expectedOffset, $"a record of offset {misplaced.Offset} stands there");

        long position = holePosition;
        var later = new OffsetRange(expectedOffset + 1, expectedOffset + 1 + ((reader.FileLength - holePosition) / RecordHeader.Size));
        while (reader.FindData(position) is { } found)
        {
            // The first byte of a record's length is not always the one that is not zero.
            position = Math.Max(holePosition, found - (found % RecordHeader.Alignment));
            if (!reader.TryRead(position, later, out Record record))
            {
                position += RecordHeader.Alignment;
                continue;
            }

            if (position - RecordHeader.Unsynced(record.Bytes) > holePosition)
                throw Damaged(segment, holePosition, expectedOffset, $"the record of offset {record.Offset} behind it is good");
            position += RecordHeader.Align(record.Bytes.Length);
        }
    }

    private static LogDamagedException Damaged(Segment segment, long position, long offset, string detail) =>
        new(segment.Path, position, offset, detail);
}
