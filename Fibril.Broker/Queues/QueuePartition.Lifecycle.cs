using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.State;
using Fibril.Broker.Queues.Storage;

namespace Fibril.Broker.Queues;

internal sealed partial class QueuePartition
{
    private const string StoppingText = "The broker is stopping; publish again when it is back.";

    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _stopRequested;
    private bool _closing;

    private bool IsStopping => Volatile.Read(ref _stopRequested);

    /// <summary>Opens a partition, new or old, and recovers it. Blocks on the disk.</summary>
    /// <exception cref="IOException">The partition cannot be read; nothing of it is served. The message says where and why.</exception>
    public static QueuePartition Open(QueueEnvironment environment, PartitionId id, string directory, QueueSettingsCell settings)
    {
        var partition = new QueuePartition(environment, id, directory, settings);
        partition.Recover();
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

    private void AdvanceStop()
    {
        if (!IsStopping || _stopped.Task.IsCompleted) return;
        bool isQuiet = _inLog.Count == 0 && _snapshot is null && !_readWork.IsBusy
            && _publishes.IsEmpty && !_commands.Reader.TryPeek(out _);
        if (!isQuiet) return;

        if (!_closing)
        {
            _closing = true;
            Volatile.Write(ref _parkedBecause, StoppingText);
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
        _state.Replay(snapshot);

        var events = new EventReplay(_state, snapshot.EventEnd);
        _events = SegmentedLog.Open(
            _environment.Log, this, _directory, LogKind.Events,
            keptFrom: _olderKept.EventEnd, neededFrom: snapshot.EventEnd, visitFrom: snapshot.EventEnd, events);

        // Whichever snapshot is loaded, the events behind it lead to the same frontier: no message before it is needed again.
        long settledFrontier = _state.SettledFrontier;
        var messages = new MessageReplay(_state);
        _messages = SegmentedLog.Open(
            _environment.Log, this, _directory, LogKind.Messages,
            keptFrom: settledFrontier, neededFrom: settledFrontier, visitFrom: snapshot.MessageEnd, messages);
        Verify(snapshot, events);

        _state.FinishReplay(Moment.Of(_environment.Time));
        _lastSnapshotNumber = snapshot.MessageEnd + snapshot.EventEnd;

        // A damaged snapshot is soon replaced: until then there is only one.
        _lastSnapshotSegment = kept.Damages.Count > 0 ? -1 : _messages.SegmentBaseOf(snapshot.MessageEnd);
    }

    /// <summary>What the state was rebuilt from must fit together; anything else is damage, not a crash (S-40, S-44).</summary>
    private void Verify(QueueSnapshot snapshot, EventReplay events)
    {
        if (_events.NextOffset < snapshot.EventEnd)
            throw Mismatch(LogKind.Events, _events.NextOffset, $"the snapshot stands on {snapshot.EventEnd} events");
        if (_messages.NextOffset < snapshot.MessageEnd)
            throw Mismatch(LogKind.Messages, _messages.NextOffset, $"the snapshot knows {snapshot.MessageEnd} messages");
        if (events.HighestOffset >= _messages.NextOffset)
            throw Mismatch(LogKind.Messages, _messages.NextOffset, $"an event refers to offset {events.HighestOffset}");
    }

    private LogDamagedException Mismatch(LogKind kind, long end, string detail) =>
        new(new LogDamage(Path.Combine(_directory, SegmentNames.Log(kind, 0)), 0, 0, end, EndOffset: null, $"the log ends there, and {detail}"));

    private sealed class EventReplay(QueueState state, long from) : IRecordVisitor
    {
        public long HighestOffset { get; private set; } = -1;

        public void Visit(in Record record)
        {
            if (record.Offset >= from) HighestOffset = Math.Max(HighestOffset, QueueEventReader.Replay(record, state));
        }
    }

    private sealed class MessageReplay(QueueState state) : IRecordVisitor
    {
        public void Visit(in Record record) =>
            state.ReplayMessage(record.Offset, MessageRecord.NotBefore(record), MessageRecord.Deadline(record));
    }
}
