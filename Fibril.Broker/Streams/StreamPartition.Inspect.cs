using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Streams.Inspection;

namespace Fibril.Broker.Streams;

// What an operator wants to see is planned here, on the loop, and read elsewhere.
internal sealed partial class StreamPartition
{
    private const int SmallestReadBytes = 16 << 10;

    /// <summary>Behind the newest record that readers may see and the disk has: of the fast tiers the newest may be neither written nor readable yet.</summary>
    private long InspectableEnd => Math.Min(_visibleEnd, _log.ReadableEnd);

    /// <summary>Plans the read of some records from an offset on.</summary>
    internal RecordSlice PlanRecords(long from, long most)
    {
        long end = InspectableEnd;
        long start = Math.Clamp(from, _log.StartOffset, Math.Max(end, _log.StartOffset));
        long readEnd = Math.Min(end, start + Math.Min(most, long.MaxValue - start));
        var runs = new List<PlannedRun>();
        long bytes = Math.Max(readEnd - start, 0) * _averageRecordBytes;
        _log.PlanRun(runs, new OffsetRange(start, readEnd), (int)Math.Clamp(bytes, SmallestReadBytes, ReadBytes));
        return new RecordSlice(_log, runs, start, Math.Max(start, readEnd), _log.StartOffset, Math.Max(end, _log.StartOffset));
    }

    /// <summary>Plans the search for the first record of a time or later.</summary>
    internal TimeSearch PlanTimeSearch(long timestamp) =>
        new(_log, _log.PlanTimeSearch(timestamp), _log.StartOffset, Math.Max(InspectableEnd, _log.StartOffset));
}
