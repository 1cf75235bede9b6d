using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;

namespace Fibril.Broker.Log;

/// <summary>Told on a flush thread, without locks held, that a log has something new to say.</summary>
internal interface ILogObserver
{
    /// <summary>The log wrote, synced or failed. More writes may be waiting, in which case the flush thread is in a hurry.</summary>
    void LogAdvanced(bool flushThreadIsBusy);

    /// <summary>Files that are needed no more are still there; the next start removes them.</summary>
    void FilesNotRemoved(Exception failure);
}

// One writer at a time: everything but the members that say otherwise runs on the partition loop. The loop accepts blocks and gives
// them their place; a flush thread writes and syncs them; the loop takes them back with TakeCompleted.
// The first failure of a write or sync is kept, and the log refuses everything that follows: the same dirty pages are never synced
// again and called durable (S-65).

/// <summary>An append-only log of records in segments, written behind the loop's back and durable when <see cref="DurableEnd"/> says so.</summary>
internal sealed partial class SegmentedLog
{
    private readonly LogEnvironment _environment;
    private readonly ILogObserver _observer;
    private readonly string _directory;
    private readonly LogKind _kind;
    private readonly LogKindMetrics _metrics;
    private readonly long _segmentBytes;
    private readonly List<Segment> _segments;

    private SegmentedLog(
        LogEnvironment environment, ILogObserver observer, string directory, LogKind kind, LogTuning tuning, List<Segment> segments, bool activeFileExists)
    {
        _environment = environment;
        _observer = observer;
        _directory = directory;
        _kind = kind;
        _metrics = environment.Metrics.Of(kind);
        _segmentBytes = tuning.SegmentBytes
            ?? (kind == LogKind.Messages ? environment.Options.MessageSegmentBytes : environment.Options.EventSegmentBytes);
        _syncsEveryWrite = kind != LogKind.Events && !tuning.SyncsOnRequest;
        _segments = segments;
        _flushedSegment = activeFileExists ? Active : null;
        _durableEnd = _writtenEnd = Active.EndOffset;
        _durablePosition = _writtenPosition = Active.StartOfLog + Active.EndPosition;
        _reservedLength = Active.EndPosition;
    }

    /// <summary>Offset of the next record to be appended.</summary>
    public long NextOffset => Active.EndOffset;

    /// <summary>Offset of the oldest record still stored, or of the next one when there is none.</summary>
    public long StartOffset => _segments[0].BaseOffset;

    /// <summary>Every record before this offset survives a power loss. Thread-safe.</summary>
    public long DurableEnd => Volatile.Read(ref _durableEnd);

    /// <summary>
    /// Every record before this offset can be read: what is durable, or, where writes are synced on request only, what the system has.
    /// Thread-safe.
    /// </summary>
    public long ReadableEnd => _syncsEveryWrite ? DurableEnd : Volatile.Read(ref _writtenEnd);

    /// <summary>The failure that ended this log; null while it is well. Thread-safe.</summary>
    public Exception? Fault => Volatile.Read(ref _fault);

    /// <summary>True when the files are closed, after a fault or a requested close. Thread-safe.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>Bytes accepted and not yet written. Thread-safe.</summary>
    public long UnwrittenBytes => Interlocked.Read(ref _unwrittenBytes);

    /// <summary>Base offset of the segment that is being appended to.</summary>
    public long ActiveSegmentBase => Active.BaseOffset;

    /// <summary>Offset behind the oldest segment, when that is not the one that is being appended to; <see cref="long.MaxValue"/> otherwise.</summary>
    public long EndOfFirstSealed => _segments.Count > 1 ? _segments[0].EndOffset : long.MaxValue;

    /// <summary>Bytes of the log from its first record on, given-up segments included: grows with every append.</summary>
    public long AppendedBytes => Active.StartOfLog + Active.EndPosition;

    /// <summary>Bytes of all segments, the unwritten part included and reserved space not.</summary>
    public long SizeBytes
    {
        get
        {
            long sum = 0;
            foreach (Segment segment in _segments) sum += segment.EndPosition;
            return sum;
        }
    }

    /// <summary>The segments that are not appended to any more, the oldest first.</summary>
    public IReadOnlyList<SegmentExtent> Sealed => [.. _segments.SkipLast(1).Select(ExtentOf)];

    /// <summary>The segment that is appended to.</summary>
    public SegmentExtent ActiveExtent => ExtentOf(Active);

    /// <summary>Base offset of the segment that holds an offset, or would if it were stored.</summary>
    public long SegmentBaseOf(long offset) => FindSegment(offset).BaseOffset;

    private Segment Active => _segments[^1];

    private static SegmentExtent ExtentOf(Segment segment) => new(segment.BaseOffset, segment.EndOffset, segment.EndPosition);
}
