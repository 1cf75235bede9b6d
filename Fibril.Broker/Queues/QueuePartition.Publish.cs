using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Storage;
using Fibril.Protocol;

namespace Fibril.Broker.Queues;

internal sealed partial class QueuePartition
{
    // Large enough that a disk which takes its time gets large writes, small enough that a confirm does not wait behind seconds of them.
    private const long MaxUnwrittenMessageBytes = 8 << 20;

    // Batches that leave nothing behind, because a full queue refuses them, take no room that would end the turn.
    private const int BatchesPerTurn = 256;

    private readonly Queue<PublishBatch> _inLog = new();
    private readonly Queue<RecordBlock> _completed = new();

    private bool HasRoomForPublish => _messages.UnwrittenBytes < MaxUnwrittenMessageBytes && _onlyDuplicates.Count < MostWaitingDuplicates;

    /// <summary>Gives waiting batches their offsets and gets the disk going.</summary>
    private void AcceptPublishes()
    {
        if (_messages.Fault is not null) return;
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

            TakeOutDuplicates(batch);
            RefuseBeyondLimit(batch);
            if (batch.Block.Count == 0)
            {
                EnqueueDuplicates(batch);
                continue;
            }

            _messages.Append(batch.Block);
            _inLog.Enqueue(batch);
            _messagesInLog += batch.Block.Count;
            accepted += batch.Block.Count;
        }

        if (accepted > 0 && _messages.BeginFlush()) StartFlush(isLone: accepted == 1);
    }

    /// <summary>
    /// Flushes a lone message where the turn runs, when that is the thread of a session and few enough do so: the way to a flush thread and
    /// back costs as much as the disk. A session that sends many goes on reading them meanwhile.
    /// </summary>
    private void StartFlush(bool isLone)
    {
        if (isLone && IsOnBorrowedThread && _environment.BorrowedFlushes.TryTake()) FlushToRunHere = _messages;
        else _environment.Log.Flusher.Schedule(_messages);
    }

    /// <summary>Answers for batches whose sync has ended: confirmed and admitted, or failed.</summary>
    private void CompletePublishes()
    {
        _messages.TakeCompleted(_completed);
        while (_completed.TryDequeue(out RecordBlock? block))
        {
            PublishBatch batch = _inLog.Dequeue();
            _messagesInLog -= block.Count;
            if (block.EndOffset > _messages.DurableEnd)
            {
                if (_parkedBecause is null) BeginOutageOnLogFault();
                (ErrorCode code, string text) = WhyRefused() ?? (ErrorCode.ServerFault, "The message could not be made durable.");
                Refuse(batch, code, text);
                continue;
            }

            Metrics.Channels.Confirmed(block.Count, _environment.Time.GetElapsedTime(batch.ReceivedAt, _now.Timestamp));
            TracePublish(batch, block);
            Confirm(batch);
            Admit(batch);
        }

        CompleteDuplicates();
    }

    /// <summary>Messages that are durable, and not before, get a state (S-8).</summary>
    private void Admit(PublishBatch batch)
    {
        bool consumersAreLevel = _state.ReadyCount == 0;
        RecordBlock block = batch.TakeBlock();
        _ages.Note(block.FirstOffset, block[0].Timestamp);
        if (batch.HasBirthState) AdmitOneByOne(block);
        else _state.AdmitReady(new OffsetRange(block.FirstOffset, block.EndOffset));
        batch.Return();
        KeepForDelivery(block, consumersAreLevel);
        DropBeyondLimit();
    }

    private void AdmitOneByOne(RecordBlock block)
    {
        for (int i = 0; i < block.Count; i++)
        {
            Record record = block[i];
            _state.Admit(record.Offset, MessageRecord.NotBefore(record), MessageRecord.Deadline(record), _now);
        }
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
        Fail(batch, code, text);
        batch.Return();
    }

    private void Confirm(PublishBatch batch)
    {
        if (batch.Confirms.Count == 0) return;
        batch.Sink.Confirmed(batch);
        MarkUnsent(batch.Sink);
    }

    private void Fail(PublishBatch batch, ErrorCode code, string text)
    {
        if (batch.Confirms.Count == 0) return;
        batch.Sink.Failed(batch, code, text);
        MarkUnsent(batch.Sink);
    }
}
