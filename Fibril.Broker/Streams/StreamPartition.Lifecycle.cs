using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;
using Fibril.Broker.Streams.Cursors;
using Fibril.Protocol;

namespace Fibril.Broker.Streams;

internal sealed partial class StreamPartition
{
    private const string StoppingText = "The broker is stopping; publish again when it is back.";

    // The cursor log is short: snapshots replace it.
    private static readonly LogTuning CursorLog = new() { SegmentBytes = 256 << 10 };

    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _stopRequested;
    private bool _closing;
    private TaskCompletionSource<UnloadOutcome>? _unloadRequest;

    /// <summary>True when the partition has ended, in this object, for good: who wants it asks the registry again. Thread-safe.</summary>
    public bool IsOver => Volatile.Read(ref _closing);

    private bool IsStopping => Volatile.Read(ref _stopRequested);

    private LogTuning MessageLog => new() { SyncsOnRequest = _tier == Durability.Ephemeral };

    private bool IsReading => _readWork.IsBusy || _search is not null || _retentionSearch is not null;

    /// <summary>Opens a partition, new or old, and recovers it. Blocks on the disk.</summary>
    /// <exception cref="IOException">The partition cannot be read; nothing of it is served. The message says where and why.</exception>
    public static StreamPartition Open(
        StreamEnvironment environment, PartitionId id, string directory, StreamCell settings, IStreamHost host)
    {
        var partition = new StreamPartition(environment, id, directory, settings, host);
        partition.Recover();

        // What was left to do is not waited for, and nobody else may come to ask.
        partition.Wake(mayRunHere: false);
        return partition;
    }

    /// <summary>
    /// Refuses new records, makes everything accepted durable, cursors included, and closes the files (S-60, P-19). Thread-safe.
    /// </summary>
    public Task StopAsync()
    {
        Volatile.Write(ref _stopRequested, true);
        Wake(mayRunHere: false);
        return _stopped.Task;
    }

    /// <summary>Closes the partition as a stop does, unless it has work. Nobody may arrive meanwhile. Thread-safe.</summary>
    public async Task<UnloadOutcome> TryUnloadAsync()
    {
        var request = new TaskCompletionSource<UnloadOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _unloadRequest, request);
        Wake(mayRunHere: false);
        UnloadOutcome outcome = await request.Task;
        if (outcome == UnloadOutcome.Unloaded) await _stopped.Task;
        return outcome;
    }

    private void AnswerUnloadRequest()
    {
        if (Volatile.Read(ref _unloadRequest) is not { } request) return;

        // What readers left behind when they went is taken in first, in the next turn.
        if (_commands.Reader.TryPeek(out _) || !_signals.IsEmpty) return;
        _unloadRequest = null;
        bool isUnderWay = _parkedBecause is not null || _outage is not null || HasUnanswered;
        UnloadOutcome outcome = isUnderWay ? UnloadOutcome.StorageRace : UnloadOutcome.Unloaded;
        if (outcome == UnloadOutcome.Unloaded) Volatile.Write(ref _stopRequested, true);
        request.SetResult(outcome);
    }

    private void AdvanceStop()
    {
        AnswerUnloadRequest();
        if (!IsStopping || _stopped.Task.IsCompleted) return;
        if (_outage is { } outage)
        {
            // Everything durable is, and a start recovers the rest.
            if (outage.Work is not null || !AreFilesClosed()) return;
            EndService();
            _stopped.TrySetResult();
            return;
        }

        // Cursors of a partition that serves nobody are as durable as they will be.
        bool isQuiet = !HasUnanswered && _snapshot is null && !IsReading && !_commands.Reader.TryPeek(out _) && _signals.IsEmpty
            && (AreCursorsDurable || _parkedBecause is not null);
        if (!isQuiet) return;

        if (!_closing)
        {
            EndService();
            _log.RequestClose();
            _events.RequestClose();
        }

        if (_log.IsClosed && _events.IsClosed) _stopped.TrySetResult();
    }

    private void EndService()
    {
        Volatile.Write(ref _closing, true);
        Volatile.Write(ref _parkedBecause, _closeText ?? StoppingText);
        if (_closeText is { } text) CloseSubscriptions(_closeReason, text);
        _live.Clear();
        _catchUp.Clear();
    }

    private void Recover()
    {
        IStorageFileSystem files = _environment.Log.Files;
        KeptSnapshots kept = SnapshotFile.Load(files, _directory);
        foreach (LogDamage damage in kept.Damages) _environment.Logger.SnapshotDamaged(Id, damage);
        CursorSnapshot snapshot = kept.Newest is { } newest ? CursorSnapshot.Decode(newest.Payload) : CursorSnapshot.Empty;
        _newestKept = new Footing(kept.Newest?.Number, snapshot.EventEnd);
        if (kept.Older is { } older) _olderKept = new Footing(older.Number, CursorSnapshot.Decode(older.Payload).EventEnd);
        _lastSnapshotFile = kept.Newest?.Number ?? 0;
        snapshot.Restore(_cursors);

        var events = new CursorReplay(_cursors, snapshot.EventEnd, snapshot.StartOffset);
        _events = SegmentedLog.Open(
            _environment.Log, this, _directory, LogKind.Events,
            keptFrom: _olderKept.EventEnd, neededFrom: snapshot.EventEnd, visitFrom: snapshot.EventEnd, events, CursorLog);
        if (_events.NextOffset < snapshot.EventEnd)
            throw Mismatch(LogKind.Events, _events.NextOffset, snapshot.EventEnd, $"the snapshot stands on {snapshot.EventEnd} records of cursors");

        // Sealed segments are read when somebody comes for them: a start does not take longer because much is kept.
        _trimmedTo = events.StartOffset;
        var first = new FirstRecord();
        _log = SegmentedLog.Open(
            _environment.Log, this, _directory, LogKind.Messages, keptFrom: _trimmedTo, neededFrom: _trimmedTo,
            visitFrom: Math.Max(_trimmedTo, SegmentFiles.NewestBase(files, _directory, LogKind.Messages)), first, MessageLog);
        _visibleEnd = _log.NextOffset;
        (_activeSegment, _activeSince) = (_log.ActiveSegmentBase, first.TimestampOf(_log.ActiveSegmentBase) ?? 0);
        _lastSnapshotBytes = kept.Damages.Count > 0 ? SnapshotIsDue : _events.AppendedBytes - (EventBytesPerSnapshot / 2);
        VerifyCursors();
    }

    /// <summary>
    /// No cursor is behind the end of the log. On the tiers that deliver early that is what a crash leaves, and it is set back (P-32); on the
    /// durable tier records are missing that were synced before anybody got them (S-40).
    /// </summary>
    private void VerifyCursors()
    {
        long end = _log.NextOffset;
        if (_log.StartOffset > _trimmedTo) _trimmedTo = _log.StartOffset;
        long highest = _cursors.All.Max(static cursor => cursor.Position) ?? 0;
        if (highest > end && !ShowsEarly) throw Mismatch(LogKind.Messages, end, highest, $"a cursor stands at offset {highest}");
        long nowMs = _environment.Time.GetUtcNow().ToUnixTimeMilliseconds();
        if (_cursors.LowerTo(end, nowMs) is > 0 and int count)
        {
            // Durable before anything is stored: else a crash would find the old place again, and other records before it.
            AppendDirtyCursors();
            _events.SyncHere();
            _environment.Logger.CursorsSetBack(Id, count, end);
        }

        _cursors.RaiseTo(_log.StartOffset, nowMs);
    }

    /// <summary>A log that ends before what stands on it: as if a segment were missing there.</summary>
    private LogDamagedException Mismatch(LogKind kind, long end, long needed, string detail) => new(new LogDamage(
        Path.Combine(_directory, SegmentNames.Log(kind, end)), Position: 0, EndPosition: 0, end, needed, $"the log ends there, and {detail}"));

    private sealed class CursorReplay(CursorTable cursors, long from, long startOffset) : IRecordVisitor
    {
        private long _startOffset = startOffset;

        public long StartOffset => _startOffset;

        public void Visit(in Record record)
        {
            if (record.Offset >= from) CursorRecords.Replay(record, cursors, ref _startOffset);
        }
    }

    /// <summary>Since when the newest segment is written to.</summary>
    private sealed class FirstRecord : IRecordVisitor
    {
        private long _offset = -1;
        private long _timestamp;

        public long? TimestampOf(long offset) => _offset == offset ? _timestamp : null;

        public void Visit(in Record record)
        {
            if (_offset < 0) (_offset, _timestamp) = (record.Offset, record.Timestamp);
        }
    }
}
