using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;
using Fibril.Broker.Streams.Delivery;
using Fibril.Protocol;

namespace Fibril.Broker.Streams;

// When a write or a sync fails, nobody knows what the disk holds of it. The partition then takes no records and delivers none until its files
// were closed, opened anew and recovered (S-65). Readers and cursors stay in memory and go on where they are. What was shown early and is gone
// keeps its offsets: readers still acknowledge it, which must never count for another record. Tried again and again, with growing pauses.
internal sealed partial class StreamPartition
{
    private readonly GrowingPause _reopenPause = new();
    private Outage? _outage;
    private long _durableAtReopening = -1;
    private bool _waitsForRoom;

    /// <summary>Why the partition serves nobody for now, as the text of an error; null while it serves. Thread-safe.</summary>
    public string? OutageText => Volatile.Read(ref _outage)?.Text;

    /// <summary>It cannot write to its disk now, and tries again by itself. Thread-safe.</summary>
    public bool IsInOutage => ParkedBecause is null && OutageText is not null;

    private bool BeginOutageOnLogFault()
    {
        if (_outage is not null) return true;
        if ((_log.Fault ?? _events.Fault) is not { } fault) return false;
        bool isFull = StorageFaults.IsDiskFull(fault);
        string trace = FaultTrace.New();
        string text = isFull
            ? DiskReserve.FullText
            : $"Partition {Id} is out of service for now because its storage failed: {fault.Message.TrimEnd('.')}. {FaultTrace.Sentence(trace)} "
                + "Its confirmed records are safe on disk; it opens its files anew, so publish again in a few seconds.";
        Volatile.Write(ref _outage, new Outage(text, isFull ? ErrorCode.NoRoom : ErrorCode.ServerFault, _now.Timestamp) { TryAt = NextTry() });
        _environment.Logger.OutageBegun(Id, trace, fault);

        // With the reserve given up and used up, what is not vital waits for room, and readers are served meanwhile.
        _waitsForRoom = isFull && _environment.Reserve.IsFull;
        if (isFull) _environment.Reserve.NoteFull();
        return true;
    }

    /// <summary>At once, unless nothing has become durable since the last time: then what is wrong is still wrong.</summary>
    private long NextTry()
    {
        bool hadRecovered = _log.DurableEnd + _events.DurableEnd > _durableAtReopening;
        if (!hadRecovered) return After(_reopenPause.Next());
        _reopenPause.Reset();
        return _now.Timestamp;
    }

    /// <summary>True while moves of cursors, and the beginning of the log, are not written down for want of room (S-66). A stop tries all the same.</summary>
    private bool WaitsForRoom()
    {
        _waitsForRoom &= _environment.Reserve.IsFull && !IsStopping;
        return _waitsForRoom;
    }

    /// <summary>Answers everybody, and gets the files closed and opened again; true when there is more to do now.</summary>
    private bool ServeOutage(Outage outage)
    {
        CompletePublishes();
        FailPublishes(outage.Code, outage.Text);
        bool more = ApplySignalsAndCommands();
        DiscardRead();
        DiscardSearches();
        AbandonSnapshot();

        if (outage.Work is { HasEnded: true } work) EndReopening(outage, work);
        else if (outage.Work is null && AreFilesClosed() && outage.TryAt <= _now.Timestamp && !IsStopping) StartReopening(outage);
        AdvanceStop();
        _deadline.WakeBy(Upcoming(outage.TryAt));
        return more;
    }

    /// <summary>Closes the log that is well, too; true when nothing touches the files any more.</summary>
    private bool AreFilesClosed()
    {
        if (IsReading || _snapshot is not null) return false;
        if (!_log.IsClosed && _log.Fault is null) _log.RequestClose();
        if (!_events.IsClosed && _events.Fault is null) _events.RequestClose();
        return _log.IsClosed && _events.IsClosed && _inLog.Count == 0;
    }

    private void StartReopening(Outage outage)
    {
        outage.Work = new ReopenWork(this, _visibleEnd, _log.DurableEnd, _log.StartOffset, _events.StartOffset, _events.DurableEnd);
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
            TimeSpan pause = _reopenPause.Next();
            outage.TryAt = After(pause);
            _environment.Logger.NotReopened(Id, pause.TotalSeconds, failure);
            return;
        }

        (_log, _events) = (work.Log!, work.Events!);
        _readWork.ChangeLog();
        GoOnFrom(_log.NextOffset);
        _durableAtReopening = _log.DurableEnd + _events.DurableEnd;
        _syncDue = _cursorsDue = _trimEvent = long.MaxValue;
        _retentionDue = _now.Timestamp;
        Volatile.Write(ref _outage, null);
        _environment.Logger.OutageEnded(Id, _environment.Time.GetElapsedTime(outage.Since, _now.Timestamp).TotalSeconds);
        StartSearch();
        Wake(mayRunHere: false);
    }

    /// <summary>What is stored ends here now, further than before when records have survived of which nobody knew.</summary>
    private void GoOnFrom(long end)
    {
        _live.Clear();
        _catchUp.Clear();
        _visibleEnd = end;

        // The failure may have taken what was written of the cursors.
        _cursors.MarkAllDirty();
        _lastSnapshotBytes = SnapshotIsDue;
    }

    private sealed class Outage(string text, ErrorCode code, long since)
    {
        public string Text { get; } = text;

        public ErrorCode Code { get; } = code;

        public long Since { get; } = since;

        public ReopenWork? Work { get; set; }

        public long TryAt { get; set; }
    }

    /// <summary>Opens the files anew and recovers them, off the loop.</summary>
    private sealed class ReopenWork(
        StreamPartition owner, long shownEnd, long durableEnd, long startOffset, long eventStart, long eventsDurable)
        : OffLoopWork(owner, owner._environment.Work)
    {
        private const int LostPerBlock = 1024;

        private readonly StreamPartition _owner = owner;

        public SegmentedLog? Log { get; private set; }

        public SegmentedLog? Events { get; private set; }

        protected override void Run()
        {
            LogEnvironment log = _owner._environment.Log;
            var unseen = new Unseen();
            Events = SegmentedLog.Open(
                log, _owner, _owner._directory, LogKind.Events, eventStart, eventStart, eventsDurable, unseen, CursorLog);
            Log = SegmentedLog.Open(
                log, _owner, _owner._directory, LogKind.Messages, startOffset, startOffset, durableEnd, unseen, _owner.MessageLog);
            if (Events.NextOffset < eventsDurable)
                throw _owner.Mismatch(LogKind.Events, Events.NextOffset, eventsDurable, $"{eventsDurable} records of cursors were synced");
            if (Log.NextOffset < durableEnd)
                throw _owner.Mismatch(LogKind.Messages, Log.NextOffset, durableEnd, $"{durableEnd} records were synced");
            if (Log.NextOffset < shownEnd) TakeOffsets(Log, shownEnd - Log.NextOffset);
        }

        /// <summary>Takes the offsets of records that readers had early and that are gone.</summary>
        private void TakeOffsets(SegmentedLog log, long count)
        {
            long nowMs = _owner._environment.Time.GetUtcNow().ToUnixTimeMilliseconds();
            while (count > 0)
            {
                int taken = (int)Math.Min(count, LostPerBlock);
                RecordBlock block = RecordBlock.Rent(taken * RecordHeader.Size, taken);
                for (int i = 0; i < taken; i++) block.Add(LostRecord.Kind, attributes: 0, nowMs, bodyBytes: 0);
                log.Append(block);
                count -= taken;
            }

            log.SyncHere();
        }

        /// <summary>Records are read for their checksums only.</summary>
        private sealed class Unseen : IRecordVisitor
        {
            public void Visit(in Record record)
            {
            }
        }
    }
}
