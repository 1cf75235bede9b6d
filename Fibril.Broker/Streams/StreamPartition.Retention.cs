using Fibril.Broker.Log;
using Fibril.Broker.Streams.Cursors;

namespace Fibril.Broker.Streams;

// Whole sealed segments go, the oldest first, when what is left still meets the bounds (P-41). That they go is written down before they do, so
// that a missing file can be told from one that was given up. Nobody is waited for: who has not read them goes on behind them (P-42, P-43).
internal sealed partial class StreamPartition
{
    // A segment is sealed early when it holds this part of a bound, so that what is kept is not much more than was asked for.
    private const int SegmentsPerBound = 8;
    private const long FewestRecordsPerSegment = 64;
    private const long FewestBytesPerSegment = 64 << 10;
    private const long ShortestMsPerSegment = 1000;

    private TimeSearchWork? _retentionSearch;
    private bool _settingsChanged;
    private long _lookedAt = -1;
    private long _retentionDue = long.MinValue;
    private long _trimmedTo;
    private long _trimEvent = long.MaxValue;
    private long _laggedCount;

    /// <summary>How often retention overtook a reader or its cursor (P-42). Thread-safe.</summary>
    public long LaggedCount => Interlocked.Read(ref _laggedCount);

    /// <summary>True when the next record is to begin a segment although the present one is not full.</summary>
    private bool IsSealDue
    {
        get
        {
            RetentionBounds bounds = Settings.Retention;
            if (bounds.IsNone) return false;
            SegmentExtent active = _log.ActiveExtent;
            return active.EndOffset - active.BaseOffset >= Share(bounds.MaxRecords, FewestRecordsPerSegment)
                || active.Bytes >= Share(bounds.MaxBytes, FewestBytesPerSegment)
                || _now.UnixMs - _activeSince >= Share(bounds.MaxAgeMs, ShortestMsPerSegment);
        }
    }

    private static long Share(long? bound, long least) => bound is { } most ? Math.Max(least, most / SegmentsPerBound) : long.MaxValue;

    private void AdvanceRetention()
    {
        FinishTrim();
        if (Volatile.Read(ref _settingsChanged))
        {
            Volatile.Write(ref _settingsChanged, false);
            _retentionDue = _now.Timestamp;
        }

        if (_lookedAt != _log.ActiveSegmentBase && _log.DurableEnd > _log.ActiveSegmentBase)
        {
            // There is a sealed segment more, and something durable behind it.
            _lookedAt = _log.ActiveSegmentBase;
            _retentionDue = _now.Timestamp;
        }

        if (_retentionDue > _now.Timestamp || IsStopping) return;
        RetentionBounds bounds = Settings.Retention;
        _retentionDue = bounds.IsNone ? long.MaxValue : After(_environment.Options.RetentionInterval);
        if (bounds.IsNone || _trimEvent != long.MaxValue || _retentionSearch is not null) return;
        IReadOnlyList<SegmentExtent> sealedSegments = _log.Sealed;
        if (sealedSegments.Count == 0) return;
        if (bounds.MaxAgeMs is { } age && _now.UnixMs > age)
        {
            _retentionSearch = new TimeSearchWork(this, _log.PlanTimeSearch(_now.UnixMs - age));
            _retentionSearch.Start();
        }
        else
        {
            TrimTo(KeptFrom(bounds, sealedSegments, youngFrom: 0));
        }
    }

    private void FinishRetentionSearch()
    {
        if (_retentionSearch is not { HasEnded: true } search) return;
        _retentionSearch = null;
        if (search.Failure is { } failure)
        {
            // The next look tries again, and whoever reads there finds out what is the matter.
            _environment.Logger.RetentionFailed(Id, failure);
            return;
        }

        TrimTo(KeptFrom(Settings.Retention, _log.Sealed, search.Found));
    }

    /// <summary>The first offset to keep: a segment goes when one of the bounds does not need it.</summary>
    /// <param name="bounds">What is asked for.</param>
    /// <param name="sealedSegments">What may go, the oldest first.</param>
    /// <param name="youngFrom">Records before this one are too old.</param>
    private long KeptFrom(RetentionBounds bounds, IReadOnlyList<SegmentExtent> sealedSegments, long youngFrom)
    {
        long bytes = sealedSegments.Sum(static segment => segment.Bytes) + _log.ActiveExtent.Bytes;
        long keptFrom = _log.StartOffset;
        foreach (SegmentExtent segment in sealedSegments)
        {
            // The last of what is durable stays: else a failed write would leave a log without any record, and its offsets unknown (S-2).
            if (segment.EndOffset >= _log.DurableEnd) break;
            bytes -= segment.Bytes;
            bool isNeeded = !(segment.EndOffset <= youngFrom
                || bytes >= bounds.MaxBytes
                || _log.NextOffset - segment.EndOffset >= bounds.MaxRecords);
            if (isNeeded) break;
            keptFrom = segment.EndOffset;
        }

        return keptFrom;
    }

    private void TrimTo(long keptFrom)
    {
        if (keptFrom <= _log.StartOffset || _events.Fault is not null || WaitsForRoom()) return;
        _trimmedTo = keptFrom;
        _events.Append(CursorRecords.Trimmed(keptFrom, _now.UnixMs));
        _trimEvent = _events.NextOffset;
        _events.RequestSync();
    }

    /// <summary>Gives the segments up when it is durable that they are not needed.</summary>
    private void FinishTrim()
    {
        if (_trimEvent > _events.DurableEnd) return;
        _trimEvent = long.MaxValue;
        long freed = _log.DropBefore(_trimmedTo);
        (int cursors, long records) = _cursors.RaiseTo(_log.StartOffset, _now.UnixMs);
        Interlocked.Add(ref _laggedCount, cursors);
        _environment.Logger.Trimmed(Id, _log.StartOffset, freed);
        Metrics.Overtaken.Add(cursors);
        if (cursors > 0) _environment.Logger.CursorsOvertaken(Id, cursors, records);
    }
}
