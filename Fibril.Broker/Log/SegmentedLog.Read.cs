using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Log;

/// <summary>Where to read, decided on the loop; carried out by a <see cref="LogReader"/> wherever blocking is allowed.</summary>
/// <param name="Segment">The segment that holds the offset.</param>
/// <param name="Offset">First offset wanted.</param>
/// <param name="Position">A byte at or before the record, or 0 when the segment's index has to say.</param>
/// <param name="Limit">Byte behind the last record of the segment that can be read.</param>
/// <param name="MaxBytes">About how much to read; a record that is larger is read whole.</param>
internal readonly record struct ReadPlan(Segment Segment, long Offset, long Position, long Limit, int MaxBytes);

/// <summary>Where to look for a time, decided on the loop.</summary>
/// <param name="Timestamp">Unix milliseconds.</param>
/// <param name="Sealed">Segments whose indexes do not change any more, the oldest first.</param>
/// <param name="Otherwise">The answer when every record in them is earlier.</param>
internal sealed record TimeSearchPlan(long Timestamp, IReadOnlyList<Segment> Sealed, long Otherwise);

internal sealed partial class SegmentedLog
{
    private readonly Lock _readersGate = new();
    private readonly List<LogReader> _readers = []; // under its gate
    private ReadHint _hint;

    /// <summary>A reader with an open file of its own, for its caller to dispose. Thread-safe.</summary>
    public LogReader NewReader()
    {
        var reader = new LogReader(_environment, _metrics, Forget);
        lock (_readersGate) _readers.Add(reader);
        return reader;
    }

    /// <summary>Plans the read of records from <paramref name="offset"/> on, which must be stored and before <see cref="ReadableEnd"/>.</summary>
    public ReadPlan PlanRead(long offset, int maxBytes)
    {
        Segment segment = FindSegment(offset);
        long limit = Math.Min(segment.EndPosition, ReadablePosition - segment.StartOfLog);
        long position = _hint.Segment == segment && _hint.Offset == offset
            ? _hint.Position
            : segment.Index?.FindByOffset(offset)?.Position ?? 0;
        return new ReadPlan(segment, offset, position, limit, maxBytes);
    }

    /// <summary>Plans the read of neighbours. A read belongs to one segment, so a run that spans several is planned in parts.</summary>
    /// <param name="runs">The parts are added to it.</param>
    /// <param name="run">Offsets, stored and readable as for <see cref="PlanRead"/>.</param>
    /// <param name="maxBytes">About how much to read at a time.</param>
    public void PlanRun(ICollection<PlannedRun> runs, OffsetRange run, int maxBytes)
    {
        while (run.Count > 0)
        {
            ReadPlan plan = PlanRead(run.Start, maxBytes);
            long end = Math.Clamp(plan.Segment.EndOffset, run.Start + 1, run.End);
            runs.Add(new PlannedRun(plan, end));
            run = run with { Start = end };
        }
    }

    /// <summary>Remembers where a read ended, so that one that continues it needs no search.</summary>
    public void ContinueAfter(in ReadPlan plan, RecordBlock block, long endPosition) =>
        _hint = new ReadHint(plan.Segment, block.EndOffset, endPosition);

    /// <summary>Plans the search for a time; carried out by a <see cref="LogReader"/>, because indexes may have to be loaded.</summary>
    /// <param name="timestamp">Unix milliseconds.</param>
    public TimeSearchPlan PlanTimeSearch(long timestamp)
    {
        // The index of the active segment changes with every append, so it is looked at here.
        SegmentIndex active = Active.Index!;
        long inActive = active.LargestTimestamp >= timestamp ? active.FindByTime(timestamp)?.Offset ?? Active.BaseOffset : NextOffset;
        return new TimeSearchPlan(timestamp, _segments[..^1], inActive);
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

    private long ReadablePosition => _syncsEveryWrite ? Volatile.Read(ref _durablePosition) : Volatile.Read(ref _writtenPosition);

    private readonly record struct ReadHint(Segment? Segment, long Offset, long Position);
}
