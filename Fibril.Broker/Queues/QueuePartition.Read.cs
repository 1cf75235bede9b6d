using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Delivery;

namespace Fibril.Broker.Queues;

// Messages that consumers reach before they leave memory are not read. The backlog is, a block ahead of delivery, off the loop.
internal sealed partial class QueuePartition
{
    private const int ReadBytes = 256 << 10;
    private const int SmallestReadBytes = 16 << 10;

    private readonly RecordCache _cache;
    private readonly ReadWork _readWork;
    private readonly GrowingPause _readPause = new();
    private long _averageRecordBytes = 512;
    private long _readEnd = -1;
    private long _readAgainAt = long.MinValue;

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
        if (_readWork.IsBusy || _subscriptions.Count == 0 || _readAgainAt > _now.Timestamp) return;
        long wanted = _cache.EndOfRunAt(ready.Start);
        if (wanted >= ready.End || wanted >= _messages.DurableEnd) return;

        // One block in hand and one on its way: more would only be memory.
        bool isAhead = wanted > ready.Start;
        if (isAhead && _cache.HeldReadBytes >= ReadBytes * 2) return;
        if (!isAhead && _rotation.Count == 0) return;

        int bytes = (int)Math.Clamp((ready.End - wanted) * _averageRecordBytes, SmallestReadBytes, ReadBytes);
        ReadPlan plan = _messages.PlanRead(wanted, bytes);
        if (plan.Segment.IsGivenUp) return; // the end of the compaction is the next occasion
        _readEnd = plan.Limit - plan.Position <= bytes && plan.Position > 0 && plan.Segment.BaseOffset == _messages.ActiveSegmentBase
            ? _messages.DurableEnd
            : -1;
        _readWork.Start(plan);
    }

    /// <summary>Takes in what a read has brought.</summary>
    private void FinishRead()
    {
        if (!_readWork.TryEnd()) return;
        switch (_readWork.Failure)
        {
            case null:
                _readPause.Reset();
                RecordBlock block = _readWork.TakeBlock()!;
                _messages.ContinueAfter(_readWork.Plan, block, _readWork.EndPosition);
                _averageRecordBytes = Math.Max(1, block.Length / Math.Max(1, block.Count));
                _ages.Note(block.FirstOffset, block[0].Timestamp);
                _cache.AddRead(block);
                break;
            case SegmentGoneException:
                // What it was to bring is settled, or stands elsewhere by now: this turn plans again.
                break;
            case LogDamagedException damage:
                Park($"a stored message cannot be read: {damage.Message}", damage);
                break;
            case IOException or UnauthorizedAccessException:
                PauseReads(_readWork.Failure);
                break;
            case { } unknown:
                Park($"it met a fault that it does not know while it read: {unknown.Message}", unknown);
                break;
        }
    }

    /// <summary>A read that failed says nothing of what is stored: it is tried again, and whatever needs no read goes on.</summary>
    private void PauseReads(Exception failure)
    {
        TimeSpan pause = _readPause.Next();
        _readAgainAt = After(pause);
        _environment.Logger.NotRead(Id, _readWork.Plan.Offset, pause.TotalSeconds, failure);
    }

    /// <summary>Drops what a read has brought, for a partition that serves nobody.</summary>
    private void DiscardRead()
    {
        if (_readWork.TryEnd()) _readWork.TakeBlock()?.Dispose();
    }

    /// <summary>When a read that failed is tried again; <see cref="long.MaxValue"/> when none waits for that.</summary>
    private long NextRead => _readAgainAt > _now.Timestamp ? _readAgainAt : long.MaxValue;

    /// <summary>A read of the log.</summary>
    private sealed class ReadWork(QueuePartition owner) : OffLoopWork(owner, owner._environment.Work)
    {
        private readonly QueuePartition _owner = owner;
        private LogReader? _reader;
        private ReadPlan _plan;
        private RecordBlock? _block;

        public ref readonly ReadPlan Plan => ref _plan;

        /// <summary>Byte behind the last record that was read.</summary>
        public long EndPosition { get; private set; }

        public void Start(ReadPlan plan)
        {
            _reader ??= _owner._messages.NewReader();
            _plan = plan;
            Start();
        }

        /// <summary>The log was opened anew; the next read does so with a reader of that one. Not while a read is under way.</summary>
        public void ChangeLog()
        {
            _reader?.Dispose();
            _reader = null;
        }

        /// <summary>What was read, which is the caller's; null after a failure.</summary>
        public RecordBlock? TakeBlock()
        {
            RecordBlock? block = _block;
            _block = null;
            return block;
        }

        protected override void Run() => (_block, EndPosition) = _reader!.Read(_plan);
    }
}
