using Fibril.Broker.Log.Records;

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
    /// <summary>Verifies every record from the start of the walk on, and decides what its end means.</summary>
    /// <exception cref="LogDamagedException">Bytes that were synced are not what was written.</exception>
    public static SegmentScan Run(SegmentWalk walk, SegmentIndex index, IRecordVisitor? visitor)
    {
        long position = walk.Position;
        long unsyncedFrom = position;
        while (walk.TryNext(out Record record))
        {
            index.Note(record.Offset, position, record.Timestamp, record.Timestamp);
            visitor?.Visit(in record);
            unsyncedFrom = position - RecordHeader.Unsynced(record.Bytes);
            position = walk.Position;
        }

        if (walk.FindDamage() is { } damage) throw new LogDamagedException(damage);
        return new SegmentScan(walk.Offset, position, unsyncedFrom, walk.IsAtCleanEnd);
    }
}
