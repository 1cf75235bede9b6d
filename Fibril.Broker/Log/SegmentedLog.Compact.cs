using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Log;

// One record that is needed must not keep a whole segment on the disk. A compaction writes the few that are needed into a new file, with
// gaps that say which offsets are missing, and puts it in the place of the first old one; the others go. Offsets stay what they were.
internal sealed partial class SegmentedLog
{
    private const int MostSegmentsAtOnce = 64;
    private const int SmallSegmentsBeforeMerge = 8;
    private const int SmallShare = 32; // of a full segment

    /// <summary>Chooses what to compact next; null when nothing is worth it.</summary>
    /// <param name="unneeded">Offsets that are needed no more, sorted, and so for good: what recovery will find, too.</param>
    /// <param name="minLivePercent">A segment is rewritten when less than this part of it is needed.</param>
    public CompactionPlan? PlanCompaction(IReadOnlyList<OffsetRange> unneeded, int minLivePercent)
    {
        double mean = MeanRecordBytes();
        var run = new List<Segment>();
        long runBytes = 0;
        bool isWorthIt = false;
        int small = 0;
        foreach (Segment segment in _segments.Take(_segments.Count - 1))
        {
            // It is cut to its length, by its name, before anything of the next one is durable.
            if (segment.StartOfLog + segment.EndPosition >= Volatile.Read(ref _durablePosition)) break;

            long liveCount = CountLive(unneeded, segment.BaseOffset, segment.EndOffset);
            double count = segment.RecordCount ?? segment.EndPosition / mean;
            double live = Math.Min(segment.EndPosition, liveCount * segment.EndPosition / Math.Max(1, count));
            bool isSmall = segment.EndPosition <= _segmentBytes / SmallShare;
            bool isSparse = !isSmall && liveCount * 100 < count * minLivePercent;
            bool fits = run.Count < MostSegmentsAtOnce && runBytes + live <= _segmentBytes;
            if (!(isSparse || isSmall) || !fits)
            {
                if (isWorthIt || small >= SmallSegmentsBeforeMerge) break;
                run.Clear();
                (runBytes, small) = (0, 0);
                if (!(isSparse || isSmall)) continue;
            }

            run.Add(segment);
            runBytes += (long)live;
            isWorthIt |= isSparse;
            if (isSmall) small++;
        }

        if (!isWorthIt && small < SmallSegmentsBeforeMerge) return null;
        return new CompactionPlan([.. run], Invert(unneeded, run[0].BaseOffset, run[^1].EndOffset));
    }

    /// <summary>Carries a plan out. Blocks on the disk; runs anywhere but on the loop, one at a time.</summary>
    /// <exception cref="IOException">It could not be done. Everything is as it was, unless the first of the segments is given up: then nobody knows
    /// which file has its name, and the log has to be opened anew.</exception>
    public CompactionResult Compact(CompactionPlan plan)
    {
        using var writer = new SegmentWriter(_environment, _directory, _kind, plan.BaseOffset, coversTo: plan.EndOffset);
        using var live = plan.Live.GetEnumerator();
        bool hasLive = live.MoveNext();
        long kept = 0;
        foreach (Segment segment in plan.Segments)
        {
            using IStorageFile file = _environment.Files.Open(segment.Path);
            using var walk = SegmentWalk.Sealed(file, segment, segment.EndOffset);
            while (walk.TryNext(out Record record))
            {
                while (hasLive && live.Current.End <= record.Offset) hasLive = live.MoveNext();
                if (hasLive && live.Current.Contains(record.Offset) && record.Kind != GapRecord.Kind)
                {
                    writer.Add(record);
                    kept++;
                }
            }

            if (walk.FindDamage() is { } damage) throw new LogDamagedException(damage);
        }

        writer.Sync();

        // Who reads by an old plan from here on might find the new file under the old name.
        foreach (Segment segment in plan.Segments) segment.IsGivenUp = true;
        try
        {
            writer.PutInPlace();
        }
        catch when (!writer.IsInPlace)
        {
            foreach (Segment segment in plan.Segments) segment.IsGivenUp = false;
            throw;
        }

        return new CompactionResult(plan, new Segment(plan.Segments[0].Path, writer.Salt, plan.BaseOffset, plan.Segments[0].StartOfLog)
        {
            EndOffset = plan.EndOffset,
            EndPosition = writer.Length,
            RecordCount = kept,
        });
    }

    /// <summary>Puts the result of a compaction in the place of what it was made from.</summary>
    /// <remarks>Nothing may have been given up by <see cref="DropBefore"/> since the plan was made: the new file has the name of an old one.</remarks>
    /// <returns>Bytes that are free again.</returns>
    public long FinishCompaction(CompactionResult result)
    {
        int first = _segments.IndexOf(result.Plan.Segments[0]);
        string[] files = [.. result.Plan.Segments.Skip(1).SelectMany(static segment => (string[])[segment.Path, SegmentNames.IndexOf(segment.Path)])];
        ForEachReader(static reader => reader.CloseWhatWasGivenUp());
        _segments.RemoveRange(first, result.Plan.Segments.Count);
        _segments.Insert(first, result.Segment);
        Discard(files);
        return result.Plan.StoredBytes - result.Segment.EndPosition;
    }

    private void Discard(IReadOnlyCollection<string> files)
    {
        if (files.Count == 0) return;
        bool isFirst = Begin(log =>
        {
            log._doomedFiles.AddRange(files);
            return true;
        });
        if (isFirst) _environment.Flusher.Schedule(this);
    }

    /// <summary>Of the records in full segments; those in compacted ones are no sample.</summary>
    private double MeanRecordBytes()
    {
        Segment active = Active;
        Segment sample = active.EndOffset - active.BaseOffset > 100 || _segments.Count == 1 ? active : _segments[^2];
        return Math.Max(RecordHeader.Size, (double)sample.EndPosition / Math.Max(1, sample.EndOffset - sample.BaseOffset));
    }

    private static long CountLive(IReadOnlyList<OffsetRange> unneeded, long start, long end)
    {
        long live = end - start;
        for (int i = FirstEndingAfter(unneeded, start); i < unneeded.Count && unneeded[i].Start < end; i++)
            live -= Math.Min(end, unneeded[i].End) - Math.Max(start, unneeded[i].Start);
        return live;
    }

    private static List<OffsetRange> Invert(IReadOnlyList<OffsetRange> unneeded, long start, long end)
    {
        var live = new List<OffsetRange>();
        for (int i = FirstEndingAfter(unneeded, start); i < unneeded.Count && unneeded[i].Start < end; i++)
        {
            if (unneeded[i].Start > start) live.Add(new OffsetRange(start, unneeded[i].Start));
            start = unneeded[i].End;
        }

        if (start < end) live.Add(new OffsetRange(start, end));
        return live;
    }

    private static int FirstEndingAfter(IReadOnlyList<OffsetRange> ranges, long offset)
    {
        int low = 0;
        int high = ranges.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (ranges[middle].End > offset) high = middle;
            else low = middle + 1;
        }

        return low;
    }
}
