using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Producers;
using Fibril.Broker.Queues.State;
using Fibril.Broker.Queues.Storage;
using Fibril.Protocol;

namespace Fibril.Broker.Queues;

// When a write or a sync fails, nobody knows what the disk holds of it. The partition then takes no messages and delivers none until its
// files were closed, opened anew and recovered (S-65). What it knows of durable messages stays in memory: leases go on, subscriptions stay,
// and a snapshot afterwards covers the events that the failure may have lost. Tried again and again, with growing pauses.
internal sealed partial class QueuePartition
{
    private Outage? _outage;

    /// <summary>Why the partition serves nobody for now, as the text of an error; null while it serves. Thread-safe.</summary>
    public string? OutageText => Volatile.Read(ref _outage)?.Text;

    /// <summary>It cannot write to its disk now, and tries again by itself. Thread-safe.</summary>
    public bool IsInOutage => ParkedBecause is null && OutageText is not null;

    private bool BeginOutageOnLogFault()
    {
        if (_outage is not null) return true;
        if ((_messages.Fault ?? _events.Fault) is not { } fault) return false;
        BeginOutage(fault);
        return true;
    }

    private void BeginOutage(Exception fault)
    {
        bool isFull = StorageFaults.IsDiskFull(fault);
        string trace = FaultTrace.New();
        string text = isFull
            ? DiskReserve.FullText
            : $"Partition {Id} is out of service for now because its storage failed: {fault.Message.TrimEnd('.')}. {FaultTrace.Sentence(trace)} "
                + "Its confirmed messages are safe on disk; it opens its files anew, so publish again in a few seconds.";
        Volatile.Write(ref _outage, new Outage(text, isFull ? ErrorCode.NoRoom : ErrorCode.ServerFault, _now.Timestamp));
        _environment.Logger.OutageBegun(Id, trace, fault);
        if (isFull) _environment.Reserve.NoteFull();
    }

    /// <summary>Answers everybody, and gets the files closed and opened again; true when there is more to do now.</summary>
    private bool ServeOutage(Outage outage)
    {
        CompletePublishes();
        FailPublishes(outage.Code, outage.Text);
        bool more = ApplySignalsAndCommands();
        DiscardRead();
        AnswerEventWaits();
        AbandonSnapshot();
        AbandonCompaction();
        AskAgain();
        if (_copier is { IsBusy: true } copier && copier.TryFinish()) FinishCopies(copier);

        if (outage.Work is { HasEnded: true } work) EndReopening(outage, work);
        else if (outage.Work is null && AreFilesClosed() && outage.TryAt <= _now.Timestamp && !IsStopping) StartReopening(outage);
        AdvanceStop();
        _deadline.WakeBy(outage.TryAt > _now.Timestamp ? outage.TryAt : long.MaxValue);
        return more;
    }

    /// <summary>Closes the log that is well, too; true when nothing touches the files any more.</summary>
    private bool AreFilesClosed()
    {
        if (_readWork.IsBusy || _snapshot is not null || _compaction is not null || IsCopying) return false;
        if (!_messages.IsClosed && _messages.Fault is null) _messages.RequestClose();
        if (!_events.IsClosed && _events.Fault is null) _events.RequestClose();
        return _messages.IsClosed && _events.IsClosed && _inLog.Count == 0;
    }

    private void StartReopening(Outage outage)
    {
        outage.Work = new ReopenWork(this, _state.MessageEnd, _messages.StartOffset, _events.StartOffset, _events.DurableEnd);
        outage.Work.Start();
    }

    private void EndReopening(Outage outage, ReopenWork work)
    {
        outage.Work = null;
        if (work.Failure is LogDamagedException damage)
        {
            Volatile.Write(ref _outage, null);
            Park($"its files are damaged: {damage.Message}", damage);
            return;
        }

        if (work.Failure is { } failure)
        {
            if (StorageFaults.IsDiskFull(failure)) _environment.Reserve.NoteFull();
            TimeSpan pause = outage.Pause.Next();
            outage.TryAt = After(pause);
            _environment.Logger.NotReopened(Id, pause.TotalSeconds, failure);
            return;
        }

        (_messages, _events) = (work.Messages!, work.Events!);
        _producers.ForgetFrom(_state.MessageEnd);
        foreach (RememberedProducer producer in work.Producers.Below(long.MaxValue)) _producers.Restore(producer);
        foreach ((long offset, long notBefore, long? deadline) in work.Survivors) _state.Admit(offset, notBefore, deadline, _now);

        // They read from the log that was.
        _copier?.Dispose();
        _copier = null;
        _readWork.ChangeLog();
        _readEnd = -1;
        _eventSyncDue = long.MaxValue;
        _forcedSnapshots = 2; // both that are kept know what the events may have lost
        Volatile.Write(ref _outage, null);
        _environment.Logger.OutageEnded(Id, _environment.Time.GetElapsedTime(outage.Since, _now.Timestamp).TotalSeconds, work.Survivors.Count);
        Wake(mayRunHere: false);
    }

    private sealed class Outage(string text, ErrorCode code, long since)
    {
        public string Text { get; } = text;

        public ErrorCode Code { get; } = code;

        public long Since { get; } = since;

        public ReopenWork? Work { get; set; }

        public GrowingPause Pause { get; } = new();

        public long TryAt { get; set; } = since;
    }

    /// <summary>Opens the files anew and recovers them, off the loop.</summary>
    private sealed class ReopenWork(QueuePartition owner, long messageEnd, long messageStart, long eventStart, long eventsDurable)
        : OffLoopWork(owner, owner._environment.Work), IRecordVisitor
    {
        private readonly QueuePartition _owner = owner;

        public SegmentedLog? Messages { get; private set; }

        public SegmentedLog? Events { get; private set; }

        /// <summary>Messages that are durable after all, although their publisher was told that they might not be (S-7).</summary>
        public List<(long Offset, long NotBefore, long? Deadline)> Survivors { get; } = [];

        /// <summary>Who sent them.</summary>
        public ProducerWindows Producers { get; } = new();

        protected override void Run()
        {
            LogEnvironment log = _owner._environment.Log;
            Events = SegmentedLog.Open(log, _owner, _owner._directory, LogKind.Events, eventStart, eventStart, eventsDurable, new Unseen());
            Messages = SegmentedLog.Open(log, _owner, _owner._directory, LogKind.Messages, messageStart, messageStart, messageEnd, this);
            if (Events.NextOffset < eventsDurable)
                throw _owner.Mismatch(LogKind.Events, Events.NextOffset, eventsDurable, $"{eventsDurable} events were synced");
            if (Messages.NextOffset < messageEnd)
                throw _owner.Mismatch(LogKind.Messages, Messages.NextOffset, messageEnd, $"{messageEnd} messages were synced");
        }

        void IRecordVisitor.Visit(in Record record)
        {
            if (record.Offset < messageEnd || record.Kind is LostRecord.Kind or GapRecord.Kind) return;
            Survivors.Add((record.Offset, MessageRecord.NotBefore(record), MessageRecord.Deadline(record)));
            Producers.Remember(record);
        }

        /// <summary>Events are read for their checksums only: the state in memory is ahead of them.</summary>
        private sealed class Unseen : IRecordVisitor
        {
            public void Visit(in Record record)
            {
            }
        }
    }
}
