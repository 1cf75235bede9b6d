using System.Runtime.InteropServices;
using Fibril.Broker.Log;
using Fibril.Broker.Partitions;
using Fibril.Broker.Streams.Cursors;

namespace Fibril.Broker.Streams;

// What readers have processed is gathered for a short while and written down together, the highest place of each name (P-19). One write at a
// time is on its way to the disk, so a slow one only makes the next larger. The history of the cursors is replaced by a snapshot before it is
// long; two snapshots are kept, so the records that the older one stands on stay (F-39).
internal sealed partial class StreamPartition
{
    private const long EventBytesPerSnapshot = 256 << 10;
    private const long SnapshotIsDue = long.MinValue / 2; // as if the last were long ago

    private static readonly TimeSpan LookForRoomInterval = TimeSpan.FromSeconds(1);

    private readonly CursorTable _cursors = new();
    private readonly List<StreamCursor> _committing = [];
    private long _cursorsDue = long.MaxValue;
    private SnapshotWork? _snapshot;
    private Footing _newestKept = new(null, 0);
    private Footing _olderKept = new(null, 0);
    private long _lastSnapshotFile;
    private long _lastSnapshotBytes;

    /// <summary>True when every move of a cursor is durable.</summary>
    private bool AreCursorsDurable => !_cursors.HasDirty && _events.DurableEnd >= _events.NextOffset;

    private void AdvanceCursors()
    {
        if (!_cursors.HasDirty)
        {
            _cursorsDue = long.MaxValue;
            return;
        }

        if (_cursorsDue == long.MaxValue) _cursorsDue = After(_environment.Options.CursorCommitWindow);
        bool isDue = _cursorsDue <= _now.Timestamp || IsStopping;
        bool isBusy = _events.DurableEnd < _events.NextOffset;

        // While one is on its way, its end is the next occasion.
        if (!isDue || isBusy || _events.Fault is not null) return;
        if (WaitsForRoom())
        {
            _cursorsDue = After(LookForRoomInterval);
            return;
        }

        _cursorsDue = long.MaxValue;
        AppendDirtyCursors();
        _events.RequestSync();
    }

    private void AppendDirtyCursors()
    {
        _cursors.TakeDirty(_committing);
        Metrics.CursorCommits.Add(_committing.Count);
        Span<StreamCursor> rest = CollectionsMarshal.AsSpan(_committing);
        int most = _environment.Options.CursorCommitMaxBatch;
        for (; !rest.IsEmpty; rest = rest[Math.Min(most, rest.Length)..])
            _events.Append(CursorRecords.Moved(rest[..Math.Min(most, rest.Length)], _now.UnixMs));
        _committing.Clear();
    }

    private void AdvanceSnapshot()
    {
        // A table that is long in itself must not be written again and again for little news.
        bool isDue = _events.AppendedBytes - _lastSnapshotBytes >= EventBytesPerSnapshot + (_cursors.All.Count * 64L);
        if (_snapshot is null && isDue && !IsStopping) BeginSnapshot();
        if (_snapshot is { IsBusy: false } snapshot && _events.DurableEnd >= snapshot.Footing.EventEnd) snapshot.Start();
    }

    private void BeginSnapshot()
    {
        Metrics.Channels.Snapshots.Increment();
        long eventEnd = _events.NextOffset;
        _lastSnapshotFile = Math.Max(eventEnd, _lastSnapshotFile + 1);
        _lastSnapshotBytes = _events.AppendedBytes;

        // What is dirty is in it as well: that is further than what is written down, and forwards only.
        byte[] payload = CursorSnapshot.Of(_cursors, eventEnd, _trimmedTo).Encode();
        _snapshot = new SnapshotWork(this, new Footing(_lastSnapshotFile, eventEnd), _newestKept.Number, payload);
    }

    private void FinishSnapshot()
    {
        if (_snapshot is not { HasEnded: true } snapshot) return;
        _snapshot = null;
        if (snapshot.Failure is { } failure)
        {
            // The log still holds everything; the next occasion tries again.
            Metrics.Channels.SnapshotFailures.Increment();
            _environment.Logger.SnapshotFailed(Id, failure);
            if (StorageFaults.IsDiskFull(failure)) _environment.Reserve.NoteFull();
            return;
        }

        (_olderKept, _newestKept) = (_newestKept, snapshot.Footing);
        _events.DropBefore(_olderKept.EventEnd);
    }

    /// <summary>A partition out of service takes no snapshot; one whose file is being written is let go when that has ended.</summary>
    private void AbandonSnapshot()
    {
        if (_snapshot is { IsBusy: false } or { HasEnded: true }) _snapshot = null;
    }

    /// <summary>What a snapshot on the disk stands on.</summary>
    private sealed record Footing(long? Number, long EventEnd);

    /// <summary>Writes one snapshot, off the loop.</summary>
    private sealed class SnapshotWork(StreamPartition owner, Footing footing, long? previous, byte[] payload)
        : OffLoopWork(owner, owner._environment.Work)
    {
        private readonly StreamPartition _owner = owner;

        public Footing Footing => footing;

        protected override void Run()
        {
            TimeProvider time = _owner._environment.Time;
            long began = time.GetTimestamp();
            SnapshotFile.Save(_owner._environment.Log.Files, _owner._directory, footing.Number!.Value, payload, previous);
            _owner.Metrics.Channels.SnapshotWritten(payload.Length, time.GetElapsedTime(began));
        }
    }
}
