using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Protocol;

namespace Fibril.Broker.Streams;

// The tiers differ in two moments (table in README.md): when a record is shown to readers, and when its producer is told.
//
//   durable      shown and confirmed when it is synced
//   speculative  shown when it has its offset, confirmed when it is synced
//   ephemeral    shown when it has its offset, confirmed when the system has it, synced soon after
internal sealed partial class StreamPartition
{
    // Large enough that a disk which takes its time gets large writes, small enough that a confirm does not wait behind seconds of them.
    private const long MaxUnwrittenBytes = 8 << 20;

    private const int BatchesPerTurn = 256;

    private readonly Queue<PublishBatch> _inLog = new();
    private readonly Queue<RecordBlock> _completed = new();
    private long _activeSegment = -1;
    private long _activeSince;
    private long _syncDue = long.MaxValue;
    private long _publishedCount;

    /// <summary>Records stored since the partition was loaded (P-70). Thread-safe.</summary>
    public long PublishedCount => Interlocked.Read(ref _publishedCount);

    private bool HasRoomForPublish => _log.UnwrittenBytes < MaxUnwrittenBytes;

    private bool ShowsEarly => _tier != Durability.Durable;

    private bool HasUnanswered => _inLog.Count > 0 || !_publishes.IsEmpty;

    /// <summary>Gives waiting batches their offsets and gets the disk going.</summary>
    private void AcceptPublishes()
    {
        if (_log.Fault is not null) return;
        int accepted = 0;
        for (int batches = 0; batches < BatchesPerTurn && HasRoomForPublish && _publishes.TryRead(out PublishBatch? batch); batches++)
        {
            if (IsStopping)
            {
                Refuse(batch, ErrorCode.ServerFault, _closeText ?? StoppingText);
                continue;
            }

            if (_environment.Reserve.IsFull)
            {
                Refuse(batch, ErrorCode.NoRoom, DiskReserve.FullText);
                continue;
            }

            _log.Append(batch.Block, inNewSegment: IsSealDue);
            NoteActiveSegment(batch.Block);
            _inLog.Enqueue(batch);
            accepted += batch.Block.Count;
            if (ShowsEarly) Show(batch.Block);
        }

        if (accepted > 0 && _log.BeginFlush()) StartFlush(isLone: accepted == 1);
    }

    /// <summary>
    /// Flushes a lone record where the turn runs, when that is the thread of a session and few enough do so: the way to a flush thread and
    /// back costs as much as the disk.
    /// </summary>
    private void StartFlush(bool isLone)
    {
        if (isLone && IsOnBorrowedThread && _environment.BorrowedFlushes.TryTake()) FlushToRunHere = _log;
        else _environment.Log.Flusher.Schedule(_log);
    }

    /// <summary>Answers for batches that the disk, or the system where that is enough, has now.</summary>
    private void CompletePublishes()
    {
        _log.TakeCompleted(_completed);
        while (_completed.TryDequeue(out RecordBlock? block))
        {
            PublishBatch batch = _inLog.Dequeue();
            if (block.EndOffset > _log.ReadableEnd)
            {
                if (_parkedBecause is null) BeginOutageOnLogFault();
                (ErrorCode code, string text) = WhyRefused() ?? (ErrorCode.ServerFault, "The record could not be made durable.");
                Refuse(batch, code, text);
                continue;
            }

            Interlocked.Add(ref _publishedCount, block.Count);
            Metrics.Channels.Confirmed(block.Count, _environment.Time.GetElapsedTime(batch.ReceivedAt, _now.Timestamp));
            TracePublish(batch, block);
            if (batch.Confirms.Count > 0)
            {
                batch.Sink.Confirmed(batch);
                MarkUnsent(batch.Sink);
            }

            if (!ShowsEarly) Show(block);
            batch.Return();
        }
    }

    /// <summary>Syncs what an ephemeral stream has written, a short while after it was written, and never without need (P-33).</summary>
    private void AdvanceSync()
    {
        if (_tier != Durability.Ephemeral) return;
        bool isAllDurable = _log.DurableEnd >= _log.NextOffset;
        if (isAllDurable) _syncDue = long.MaxValue;
        else if (_syncDue == long.MaxValue) _syncDue = After(_environment.Options.EphemeralSyncInterval);
        if (_syncDue > _now.Timestamp) return;
        _syncDue = After(_environment.Options.EphemeralSyncInterval);
        _log.RequestSync();
    }

    private void NoteActiveSegment(RecordBlock block)
    {
        if (_activeSegment == _log.ActiveSegmentBase) return;
        _activeSegment = _log.ActiveSegmentBase;
        _activeSince = block[0].Timestamp;
    }

    private void FailPublishes(ErrorCode code, string text)
    {
        while (_publishes.TryRead(out PublishBatch? batch)) Refuse(batch, code, text);
    }

    /// <summary>Why publishes are refused now; null while the partition serves.</summary>
    private (ErrorCode Code, string Text)? WhyRefused() =>
        _outage is { } outage ? (outage.Code, outage.Text)
        : _parkedBecause is { } because ? (ErrorCode.ServerFault, because)
        : null;

    private void Refuse(PublishBatch batch, ErrorCode code, string text)
    {
        if (batch.Confirms.Count > 0)
        {
            batch.Sink.Failed(batch, code, text);
            MarkUnsent(batch.Sink);
        }

        batch.Return();
    }
}
