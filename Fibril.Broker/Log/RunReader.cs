using Fibril.Broker.Log.Records;

namespace Fibril.Broker.Log;

/// <summary>Carries out planned reads off the loop, a block at a time, with an open file of its own. Not thread-safe.</summary>
/// <param name="log">The log that the runs are planned for.</param>
/// <param name="runs">Ascending by offset.</param>
internal sealed class RunReader(SegmentedLog log, IReadOnlyList<PlannedRun> runs) : IDisposable
{
    private readonly LogReader _reader = log.NewReader();
    private int _run;
    private long _nextOffset;
    private ReadPlan _last;
    private long _lastEnd;

    /// <summary>Bytes of the blocks that were read.</summary>
    public long BytesRead { get; private set; }

    /// <summary>
    /// Where <see cref="ReadNext"/> came to a segment that was given up since the runs were planned. What was in it is settled, or stands
    /// elsewhere: a new plan finds it. Null as long as that was not met.
    /// </summary>
    public long? GoneFrom { get; private set; }

    /// <summary>The next records, in the order of their offsets; null at the end, or at <see cref="GoneFrom"/>. Blocks on the disk.</summary>
    /// <remarks>Some may lie beside the runs, and some that are stored no more may be missing.</remarks>
    /// <returns>A block that the caller disposes.</returns>
    /// <exception cref="LogDamagedException">A record is not what was written.</exception>
    public RecordBlock? ReadNext()
    {
        for (; _run < runs.Count && GoneFrom is null; _run++)
        {
            if (Continue(runs[_run]) is not { } plan) continue;
            try
            {
                (RecordBlock block, _lastEnd) = _reader.Read(plan);
                BytesRead += block.Length;
                _nextOffset = block[block.Count - 1].Offset + 1;
                _last = plan;
                return block;
            }
            catch (SegmentGoneException) when (plan.Segment.IsGivenUp)
            {
                GoneFrom = plan.Offset;
            }
            catch (SegmentGoneException)
            {
                // A compaction before the plan has left nothing from there on.
            }
        }

        return null;
    }

    /// <summary>Goes on behind what was given up.</summary>
    public void PassGone() => GoneFrom = null;

    public void Dispose() => _reader.Dispose();

    /// <summary>The read of what is left of a run; null when nothing is.</summary>
    private ReadPlan? Continue(in PlannedRun run)
    {
        long offset = Math.Max(run.Plan.Offset, _nextOffset);
        if (offset >= run.End) return null;
        bool isInSameSegment = _last.Segment == run.Plan.Segment;
        if (isInSameSegment && _lastEnd >= run.Plan.Limit) return null;
        long position = isInSameSegment ? Math.Max(run.Plan.Position, _lastEnd) : run.Plan.Position;
        return run.Plan with { Offset = offset, Position = position };
    }
}
