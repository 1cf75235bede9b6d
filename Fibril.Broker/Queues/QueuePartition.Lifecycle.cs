using Fibril.Broker.Channels.Records;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Producers;
using Fibril.Broker.Queues.State;
using Fibril.Broker.Queues.Storage;

namespace Fibril.Broker.Queues;

internal sealed partial class QueuePartition
{
    private const string StoppingText = "The broker is stopping; publish again when it is back.";

    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _stopRequested;
    private bool _closing;

    private TaskCompletionSource<UnloadOutcome>? _unloadRequest;

    /// <summary>True when the partition has ended, in this object, for good: who wants it asks the registry again. Thread-safe.</summary>
    public bool IsOver => Volatile.Read(ref _closing);

    private bool HasUnansweredPublishes => _inLog.Count > 0 || _onlyDuplicates.Count > 0 || !_publishes.IsEmpty;

    private bool IsStopping => Volatile.Read(ref _stopRequested);

    /// <summary>Opens a partition, new or old, and recovers it. Blocks on the disk.</summary>
    /// <exception cref="IOException">The partition cannot be read; nothing of it is served. The message says where and why.</exception>
    public static QueuePartition Open(
        QueueEnvironment environment, PartitionId id, string directory, QueueCell cell, IPartitionHost host)
    {
        var partition = new QueuePartition(environment, id, directory, cell, host);
        partition.Recover();

        // What was left to do is not waited for, and nobody else may come to ask.
        partition.Wake(mayRunHere: false);
        return partition;
    }

    /// <summary>
    /// Refuses new messages, makes everything accepted durable, settlements included, and closes the files (S-60). Thread-safe.
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

        // What consumers left behind when they went is taken in first, in the next turn.
        if (_commands.Reader.TryPeek(out _) || !_signals.IsEmpty) return;
        _unloadRequest = null;
        UnloadOutcome outcome = _parkedBecause is not null || _outage is not null ? UnloadOutcome.StorageRace
            : _state.LeasedCount > 0 ? UnloadOutcome.StorageInflight
            : IsCopying ? UnloadOutcome.PendingSettlements
            : HasUnansweredPublishes ? UnloadOutcome.StorageRace
            : UnloadOutcome.Unloaded;
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
            Volatile.Write(ref _closing, true);
            Volatile.Write(ref _parkedBecause, _closeText ?? StoppingText);
            if (_closeText is { } text) CloseSubscriptions(_closeReason, text);
            _stopped.TrySetResult();
            return;
        }

        bool isQuiet = !HasUnansweredPublishes && _snapshot is null && _compaction is null && !_readWork.IsBusy && !IsCopying
            && !_commands.Reader.TryPeek(out _);
        if (!isQuiet) return;

        if (!_closing)
        {
            Volatile.Write(ref _closing, true);
            Volatile.Write(ref _parkedBecause, _closeText ?? StoppingText);
            if (_closeText is { } text) CloseSubscriptions(_closeReason, text);
            _cell.KeepGiven(Id.Partition, _state.GivenEnd);
            _cache.Clear();
            _messages.RequestClose();
            _events.RequestClose();
        }

        if (_messages.IsClosed && _events.IsClosed) _stopped.TrySetResult();
    }

    private void Recover()
    {
        KeptSnapshots kept = SnapshotFile.Load(_environment.Log.Files, _directory);
        foreach (LogDamage damage in kept.Damages) _environment.Logger.SnapshotDamaged(Id, damage);
        QueueSnapshot snapshot = kept.Newest is { } newest ? QueueSnapshot.Decode(newest.Payload) : QueueSnapshot.Empty;
        _newestKept = Footing.Of(kept.Newest?.Number, snapshot);
        if (kept.Older is { } older) _olderKept = Footing.Of(older.Number, QueueSnapshot.Decode(older.Payload));
        _lastSnapshotFile = kept.Newest?.Number ?? 0;
        _state.Replay(snapshot);
        foreach (RememberedProducer producer in snapshot.Producers) _producers.Restore(producer);

        var events = new EventReplay(_state, snapshot.EventEnd);
        _events = SegmentedLog.Open(
            _environment.Log, this, _directory, LogKind.Events,
            keptFrom: _olderKept.EventEnd, neededFrom: snapshot.EventEnd, visitFrom: snapshot.EventEnd, events);

        // Whichever snapshot is loaded, the events behind it lead to the same frontier: no message before it is needed again. Those behind the
        // snapshot are read all the same, as far as they are there: it does not know who sent them.
        long settledFrontier = _state.SettledFrontier;
        var messages = new MessageReplay(_state, _producers, _ages, snapshot.MessageEnd);
        _messages = SegmentedLog.Open(
            _environment.Log, this, _directory, LogKind.Messages,
            keptFrom: Math.Min(settledFrontier, snapshot.MessageEnd), neededFrom: settledFrontier, visitFrom: snapshot.MessageEnd, messages);
        Verify(snapshot, events);

        Metrics.EventsReplayed.Add(Math.Max(0, _events.NextOffset - snapshot.EventEnd));
        NoteOldest(settledFrontier);
        ApplyPolicy();
        _state.FinishReplay(Moment.Of(_environment.Time), _cell.TakeGiven(Id.Partition));
        _lastSnapshotNumber = snapshot.MessageEnd + snapshot.EventEnd;

        // A damaged snapshot is soon replaced: until then there is only one.
        _lastSnapshotSegment = kept.Damages.Count > 0 ? -1 : _messages.SegmentBaseOf(snapshot.MessageEnd);
    }

    /// <summary>What the state was rebuilt from must fit together; anything else is damage, not a crash (S-40, S-44).</summary>
    private void Verify(QueueSnapshot snapshot, EventReplay events)
    {
        if (_events.NextOffset < snapshot.EventEnd)
            throw Mismatch(LogKind.Events, _events.NextOffset, snapshot.EventEnd, $"the snapshot stands on {snapshot.EventEnd} events");
        if (_messages.NextOffset < snapshot.MessageEnd)
            throw Mismatch(LogKind.Messages, _messages.NextOffset, snapshot.MessageEnd, $"the snapshot knows {snapshot.MessageEnd} messages");
        if (events.HighestOffset >= _messages.NextOffset)
            throw Mismatch(LogKind.Messages, _messages.NextOffset, events.HighestOffset + 1, $"an event refers to offset {events.HighestOffset}");
    }

    /// <summary>A log that ends before what stands on it: as if a segment were missing there.</summary>
    private LogDamagedException Mismatch(LogKind kind, long end, long needed, string detail) => new(new LogDamage(
        Path.Combine(_directory, SegmentNames.Log(kind, end)), Position: 0, EndPosition: 0, end, needed, $"the log ends there, and {detail}"));

    private sealed class EventReplay(QueueState state, long from) : IRecordVisitor, IQueueEventVisitor
    {
        public long HighestOffset { get; private set; } = -1;

        public void Visit(in Record record)
        {
            if (record.Offset >= from) QueueEventReader.Read(record, this);
        }

        public void Settled(OffsetRange offsets, SettleReason reason)
        {
            See(offsets);
            state.ReplaySettled(offsets);
        }

        public void Retried(long offset, int retries, long notBefore)
        {
            See(OffsetRange.Of(offset));
            state.ReplayRetried(offset, retries, notBefore);
        }

        public void DeadLettered(OffsetRange offsets, DeadLetterReason reason)
        {
            See(offsets);
            state.ReplayDeadLettered(reason, offsets);
        }

        public void CopyBegun(OffsetRange offsets)
        {
            See(offsets);
            state.ReplayCopyBegun(offsets);
        }

        public void Returned(OffsetRange offsets, ReturnCause cause, string holder) => See(offsets);

        public void Copied(long offset, PartitionId target, long offsetInTarget) => See(OffsetRange.Of(offset));

        private void See(OffsetRange offsets) => HighestOffset = Math.Max(HighestOffset, offsets.End - 1);
    }

    private sealed class MessageReplay(QueueState state, ProducerWindows producers, AgeMarks ages, long from) : IRecordVisitor
    {
        public void Visit(in Record record)
        {
            if (record.Offset >= from) producers.Remember(record);
            ages.Note(record.Offset, record.Timestamp);
            if (record.Kind is LostRecord.Kind or GapRecord.Kind) state.ReplayLost(new OffsetRange(record.Offset, GapRecord.EndOf(record)));
            else state.ReplayMessage(record.Offset, MessageRecord.NotBefore(record), MessageRecord.Deadline(record));
        }
    }
}
