using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;

namespace Fibril.Broker.Log;

/// <summary>Where to read, decided on the loop; carried out by a <see cref="LogReader"/> wherever blocking is allowed.</summary>
/// <param name="Segment">The segment that holds the offset.</param>
/// <param name="Offset">First offset wanted.</param>
/// <param name="Position">A byte at or before the record, or 0 when the segment's index has to say.</param>
/// <param name="Limit">Byte behind the last durable record of the segment.</param>
/// <param name="MaxBytes">About how much to read; a record that is larger is read whole.</param>
internal readonly record struct ReadPlan(Segment Segment, long Offset, long Position, long Limit, int MaxBytes);

internal sealed partial class SegmentedLog
{
    private readonly Lock _readersGate = new();
    private readonly List<LogReader> _readers = []; // under its gate
    private ReadHint _hint;

    /// <summary>A reader with an open file of its own, for its caller to dispose. Thread-safe.</summary>
    public LogReader NewReader()
    {
        var reader = new LogReader(_environment.Files, Forget);
        lock (_readersGate) _readers.Add(reader);
        return reader;
    }

    /// <summary>Plans the read of durable records from <paramref name="offset"/> on, which must be stored and durable.</summary>
    public ReadPlan PlanRead(long offset, int maxBytes)
    {
        Segment segment = FindSegment(offset);
        long limit = Math.Min(segment.EndPosition, Volatile.Read(ref _durablePosition) - segment.StartOfLog);
        long position = _hint.Segment == segment && _hint.Offset == offset
            ? _hint.Position
            : segment.Index?.FindByOffset(offset)?.Position ?? 0;
        return new ReadPlan(segment, offset, position, limit, maxBytes);
    }

    /// <summary>Remembers where a read ended, so that one that continues it needs no search.</summary>
    public void ContinueAfter(in ReadPlan plan, RecordBlock block, long endPosition) =>
        _hint = new ReadHint(plan.Segment, block.EndOffset, endPosition);

    /// <summary>
    /// An offset with only records earlier than <paramref name="timestamp"/> before it, at most one index interval too low;
    /// <see cref="NextOffset"/> when every record is earlier.
    /// </summary>
    /// <param name="timestamp">Unix milliseconds.</param>
    /// <param name="reader">Loads an index that is not in memory, which blocks on the disk. It must be idle.</param>
    public long FindByTime(long timestamp, LogReader reader)
    {
        foreach (Segment segment in _segments)
        {
            SegmentIndex index = reader.IndexOf(segment);
            if (index.LargestTimestamp >= timestamp) return index.FindByTime(timestamp)?.Offset ?? segment.BaseOffset;
        }

        return NextOffset;
    }

    private void Forget(LogReader reader)
    {
        lock (_readersGate) _readers.Remove(reader);
    }

    private void ForEachReader(Action<LogReader> action)
    {
        lock (_readersGate) _readers.ForEach(action);
    }

    private Segment FindSegment(long offset)
    {
        int low = 0;
        int high = _segments.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (_segments[middle].BaseOffset <= offset) low = middle;
            else high = middle - 1;
        }

        return _segments[low];
    }

    private readonly record struct ReadHint(Segment? Segment, long Offset, long Position);
}
