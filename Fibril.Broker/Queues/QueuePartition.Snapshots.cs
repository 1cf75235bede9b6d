using Fibril.Broker.Log;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Queues;

// A snapshot is taken when a message segment is full or needed no more, when many events have piled up, and at a stop. It is encoded on
// the loop, written once the events it stands on are synced, and only then may segments go: events that the older of the two kept
// snapshots does not need, so that it can take the place of the newer one (F-39), and messages that are settled by what is durable.
internal sealed partial class QueuePartition
{
    private const long EventBytesPerSnapshot = 16 << 20;
    private const long ChangesPerSnapshot = 16 << 20;

    // A partition that changes now and then has its changes in a snapshot before long, so that the next start need not read them.
    private static readonly TimeSpan LongestWithoutSnapshot = TimeSpan.FromMinutes(15);

    private SnapshotWork? _snapshot;
    private Footing _newestKept = Footing.Nothing;
    private Footing _olderKept = Footing.Nothing;
    private long _lastSnapshotNumber;
    private long _lastSnapshotFile;
    private long _lastSnapshotSegment;
    private long _lastSnapshotEventBytes;
    private int _forcedSnapshots;
    private long _lastSnapshotAtMs;
    private bool _snapshotSawCopies;
    private long _snapshotDueAt = long.MaxValue;

    /// <summary>What the next snapshot would cover: grows with every message and every event.</summary>
    private long SnapshotNumber => _state.MessageEnd + _events.NextOffset;

    private void AdvanceSnapshot()
    {
        if (_snapshotDueAt == long.MaxValue && SnapshotNumber != _lastSnapshotNumber) _snapshotDueAt = After(LongestWithoutSnapshot);
        if (_snapshot is null && IsSnapshotDue()) BeginSnapshot();
        if (_snapshot is { IsBusy: false } snapshot && _events.DurableEnd >= snapshot.Footing.EventEnd) snapshot.Start();
    }

    /// <summary>Gives up the segments before a snapshot that was written.</summary>
    private void FinishSnapshot()
    {
        if (_snapshot is not { HasEnded: true } snapshot) return;

        _snapshot = null;
        if (snapshot.Failure is { } failure)
        {
            // The logs still hold everything; the next occasion tries again.
            Metrics.Channels.SnapshotFailures.Increment();
            _environment.Logger.SnapshotFailed(Id, failure);
            if (StorageFaults.IsDiskFull(failure)) _environment.Reserve.NoteFull();
            return;
        }

        (_olderKept, _newestKept) = (_newestKept, snapshot.Footing);
        _lastSnapshotAtMs = _now.UnixMs;
        long freed = _events.DropBefore(_olderKept.EventEnd) + DropSettled();
        _environment.Logger.SnapshotTaken(Id, snapshot.Number, freed);
        ConsiderCompaction(snapshot.Settled);
    }

    /// <summary>Not while a compaction is under way: what it makes takes the name of one of these files.</summary>
    private long DropSettled() => _compaction is null ? _messages.DropBefore(_newestKept.SettledFrontier) : 0;

    /// <summary>A partition out of service takes no snapshot; one whose file is being written is let go when that has ended.</summary>
    private void AbandonSnapshot()
    {
        if (_snapshot is { IsBusy: false } or { HasEnded: true }) _snapshot = null;
    }

    private bool IsSnapshotDue()
    {
        if (_forcedSnapshots > 0) return true;

        // It says that a crash has interrupted them (D-33), and a stop does not.
        if (IsStopping && _snapshotSawCopies && !IsCopying) return true;
        if (SnapshotNumber == _lastSnapshotNumber) return false;
        return IsStopping
            || _messages.ActiveSegmentBase != _lastSnapshotSegment
            || _messages.EndOfFirstSealed <= _state.SettledFrontier
            || _events.AppendedBytes - _lastSnapshotEventBytes >= EventBytesPerSnapshot
            || SnapshotNumber - _lastSnapshotNumber >= ChangesPerSnapshot
            || _snapshotDueAt <= _now.Timestamp;
    }

    private void BeginSnapshot()
    {
        Metrics.Channels.Snapshots.Increment();
        long began = _environment.Time.GetTimestamp();
        _producers.ForgetIdle(_now.UnixMs);
        QueueSnapshot snapshot = QueueSnapshot.Of(_state, _producers, _events.NextOffset);

        // Events that a failure lost are counted again: the number of the file grows all the same.
        _lastSnapshotFile = Math.Max(SnapshotNumber, _lastSnapshotFile + 1);
        _snapshot = new SnapshotWork(this, _lastSnapshotFile, Footing.Of(_lastSnapshotFile, snapshot), _newestKept.Number, snapshot);
        Metrics.Channels.SnapshotEncode.Record(_environment.Time.GetElapsedTime(began));
        if (_forcedSnapshots > 0) _forcedSnapshots--;
        _snapshotSawCopies = IsCopying;
        _snapshotDueAt = long.MaxValue;
        _lastSnapshotNumber = SnapshotNumber;
        _lastSnapshotSegment = _messages.ActiveSegmentBase;
        _lastSnapshotEventBytes = _events.AppendedBytes;
        if (_events.DurableEnd < snapshot.EventEnd) _events.RequestSync();
    }

    /// <summary>What a snapshot on the disk stands on.</summary>
    private sealed record Footing(long? Number, long EventEnd, long SettledFrontier)
    {
        /// <summary>Without a snapshot everything is made from the logs, from their start on.</summary>
        public static Footing Nothing { get; } = Of(null, QueueSnapshot.Empty);

        public static Footing Of(long? number, QueueSnapshot snapshot) => new(number, snapshot.EventEnd, snapshot.SettledFrontier);
    }

    /// <summary>Writes one snapshot, off the loop.</summary>
    private sealed class SnapshotWork(QueuePartition owner, long number, Footing footing, long? previous, QueueSnapshot state)
        : OffLoopWork(owner, owner._environment.Work)
    {
        private readonly byte[] _payload = state.Encode();
        private readonly QueuePartition _owner = owner;

        public long Number => number;

        public Footing Footing => footing;

        /// <summary>What is settled for good, once the snapshot is durable.</summary>
        public IReadOnlyList<OffsetRange> Settled => state.Settled;

        protected override void Run()
        {
            TimeProvider time = _owner._environment.Time;
            long began = time.GetTimestamp();
            SnapshotFile.Save(_owner._environment.Log.Files, _owner._directory, number, _payload, previous);
            _owner.Metrics.Channels.SnapshotWritten(_payload.Length, time.GetElapsedTime(began));
        }
    }
}
