using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Delivery;
using Fibril.Protocol;

namespace Fibril.Broker.Queues;

internal sealed partial class QueuePartition
{
    private const int DeliveriesPerTurn = 4096;
    private const int TagsPerReservation = 64;
    private const int ReadBytes = 256 << 10;
    private const int SmallestReadBytes = 16 << 10;

    private readonly RecordCache _cache;
    private readonly ReadWork _readWork;
    private readonly List<QueueSubscription> _subscriptions = [];
    private readonly LinkedList<QueueSubscription> _rotation = new();
    private ulong _nextTag;
    private int _tagsLeft;
    private long _readEnd = -1;

    internal void Subscribe(QueueSubscription subscription)
    {
        if (_parkedBecause is { } because)
        {
            subscription.Sink.Closed(_closeText is null ? CloseReason.ServerError : _closeReason, because);
            MarkUnsent(subscription.Sink);
            return;
        }

        _subscriptions.Add(subscription);
        EnterRotation(subscription);
    }

    internal void Unsubscribe(QueueSubscription subscription)
    {
        subscription.Ended = true;
        if (!_subscriptions.Remove(subscription)) return;
        LeaveRotation(subscription);
        _state.Release(subscription, _now);
        if (_subscriptions.Count == 0) _cache.Clear();
    }

    private void ApplySignal(QueueSubscription subscription)
    {
        subscription.ClearSignal();
        if (subscription.Ended) return;
        if (subscription.AutoAck) SettleSent(subscription);
        subscription.OutputIsFull = false;
        EnterRotation(subscription);
    }

    /// <summary>Puts a subscription at the end of the rotation when it could take a message and is not waiting already.</summary>
    private void EnterRotation(QueueSubscription subscription)
    {
        if (subscription.Turn.List is null && !subscription.Ended && CanTake(subscription)) _rotation.AddLast(subscription.Turn);
    }

    /// <summary>Leases ready messages in offset order to the subscriptions in turn (M-46, M-64); returns true when there is more to do now.</summary>
    private bool Deliver()
    {
        if (IsStopping || _isSealed) return false;
        int delivered = 0;
        bool more = false;
        while (delivered < DeliveriesPerTurn && NextInRotation() is { } subscription)
        {
            if (!_state.TryTakeReady(_now, out long offset))
            {
                more = _state.ReadyCount > 0;
                break;
            }

            if (!_cache.TryGet(offset, out Record record))
            {
                _state.PutBack(offset);
                break;
            }

            if (record.Kind == LostRecord.Kind) _state.GiveUpLost(offset);
            else DeliverTo(subscription, record);
            delivered++;
        }

        if (_state.FirstReady is { } ready)
        {
            _cache.ReleaseBefore(ready.Start);
            ReadAhead(ready);
        }
        else
        {
            _cache.Clear();
        }

        return more || delivered == DeliveriesPerTurn;
    }

    /// <summary>The subscription whose turn it is, still in the rotation; null when nobody can take a message.</summary>
    private QueueSubscription? NextInRotation()
    {
        while (_rotation.First is { } next)
        {
            if (CanTake(next.Value)) return next.Value;
            LeaveRotation(next.Value);
        }

        return null;
    }

    private void LeaveRotation(QueueSubscription subscription)
    {
        if (subscription.Turn.List is not null) _rotation.Remove(subscription.Turn);
    }

    private static bool CanTake(QueueSubscription subscription) => !subscription.OutputIsFull && subscription.HasCredit;

    private void DeliverTo(QueueSubscription subscription, in Record record)
    {
        ulong tag = PeekTag();
        long offset = record.Offset;
        LeaveRotation(subscription);
        if (!subscription.Sink.TryDeliver(record, tag, _state.RetriesOf(offset)))
        {
            subscription.OutputIsFull = true;
            _state.PutBack(offset);
            return;
        }

        _nextTag++;
        _tagsLeft--;
        _state.Grant(tag, offset, subscription, After(_environment.Delivery.LeaseDuration));
        MarkUnsent(subscription.Sink);
        EnterRotation(subscription);
    }

    private ulong PeekTag()
    {
        if (_tagsLeft == 0)
        {
            _nextTag = _environment.Tags.Reserve(TagsPerReservation);
            _tagsLeft = TagsPerReservation;
        }

        return _nextTag;
    }

    /// <summary>Keeps a block that was just published when consumers will reach it next, so that who keeps up never waits for the disk.</summary>
    private void KeepForDelivery(RecordBlock block, bool consumersAreLevel)
    {
        bool isNext = consumersAreLevel || _cache.EndOffset == block.FirstOffset || _readEnd == block.FirstOffset;
        if (_subscriptions.Count > 0 && isNext) _cache.AddPublished(block);
        else block.Dispose();
    }

    /// <summary>Reads the next part of the backlog before it is needed, one read at a time.</summary>
    private void ReadAhead(OffsetRange ready)
    {
        if (_readWork.IsBusy || _subscriptions.Count == 0) return;
        long wanted = _cache.EndOfRunAt(ready.Start);
        if (wanted >= ready.End || wanted >= _messages.DurableEnd) return;

        // One block in hand and one on its way: more would only be memory.
        bool isAhead = wanted > ready.Start;
        if (isAhead && _cache.HeldReadBytes >= ReadBytes * 2) return;
        if (!isAhead && _rotation.Count == 0) return;

        int bytes = (int)Math.Clamp((ready.End - wanted) * _averageRecordBytes, SmallestReadBytes, ReadBytes);
        ReadPlan plan = _messages.PlanRead(wanted, bytes);
        _readEnd = plan.Limit - plan.Position <= bytes && plan.Position > 0 && plan.Segment.BaseOffset == _messages.ActiveSegmentBase
            ? _messages.DurableEnd
            : -1;
        _readWork.Start(plan);
    }

    private long _averageRecordBytes = 512;

    /// <summary>Called on the loop when a read has ended.</summary>
    private void FinishRead(in ReadPlan plan, RecordBlock block, long endPosition)
    {
        _messages.ContinueAfter(plan, block, endPosition);
        _averageRecordBytes = Math.Max(1, block.Length / Math.Max(1, block.Count));
        _cache.AddRead(block);
    }

    private void CloseSubscriptions(CloseReason reason, string text)
    {
        foreach (QueueSubscription subscription in _subscriptions)
        {
            subscription.Ended = true;
            subscription.Sink.Closed(reason, text);
            MarkUnsent(subscription.Sink);
        }

        _subscriptions.Clear();
        _rotation.Clear();
        _cache.Clear();
    }

    /// <summary>A read of the log, off the loop.</summary>
    private sealed class ReadWork(QueuePartition owner) : IThreadPoolWorkItem
    {
        private LogReader? _reader;
        private ReadPlan _plan;
        private RecordBlock? _block;
        private long _endPosition;
        private Exception? _failure;
        private int _done;

        /// <summary>True from <see cref="Start"/> until <see cref="TryFinish"/>.</summary>
        public bool IsBusy { get; private set; }

        public void Start(ReadPlan plan)
        {
            IsBusy = true;
            _reader ??= owner._messages.NewReader();
            _plan = plan;
            owner._environment.Work.Schedule(this);
        }

        public void Execute()
        {
            try
            {
                (_block, _endPosition) = _reader!.Read(_plan);
            }
            catch (SegmentGoneException)
            {
                // What it was to bring is settled, or stands elsewhere by now: the next turn plans again.
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                _failure = failure;
            }

            Volatile.Write(ref _done, 1);
            owner.Wake(mayRunHere: true);
        }

        /// <summary>The log was opened anew; the next read does so with a reader of that one. Not while a read is under way.</summary>
        public void ChangeLog()
        {
            _reader?.Dispose();
            _reader = null;
        }

        /// <summary>Brings the result of a read that has ended onto the loop.</summary>
        public void TryFinish()
        {
            if (!HasJustEnded()) return;
            if (_failure is { } failure)
            {
                owner.Park($"a stored message cannot be read: {failure.Message}", failure);
                return;
            }

            if (_block is { } block) owner.FinishRead(_plan, block, _endPosition);
            _block = null;
        }

        /// <summary>Drops the result of a read that has ended, for a partition that serves nobody.</summary>
        public void DiscardWhatEnded()
        {
            if (!HasJustEnded()) return;
            _block?.Dispose();
            _block = null;
        }

        private bool HasJustEnded()
        {
            if (Volatile.Read(ref _done) == 0) return false;
            Volatile.Write(ref _done, 0);
            IsBusy = false;
            return true;
        }
    }
}
