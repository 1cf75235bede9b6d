using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Partitions;
using Fibril.Broker.Streams.Delivery;

namespace Fibril.Broker.Streams;

// Readers that are behind are served from the log, a piece at a time and off the loop, the one that has waited longest first.
internal sealed partial class StreamPartition
{
    private const int ReadBytes = 256 << 10;

    private readonly CatchUpImages _catchUp;
    private readonly ReadWork _readWork;
    private readonly GrowingPause _readPause = new();
    private long _readAgainAt = long.MinValue;
    private long _readNumber;

    private void StartRead(StreamSubscription subscription)
    {
        if (_readWork.IsBusy || IsStopping || _readAgainAt > _now.Timestamp) return;
        subscription.LastRead = ++_readNumber;
        _readWork.Start(_log.PlanRead(subscription.Next, ReadBytes));
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
                _log.ContinueAfter(_readWork.Plan, block, _readWork.EndPosition);
                _averageRecordBytes = Math.Max(1, block.Length / Math.Max(1, block.Count));
                _catchUp.Add(block);
                break;
            case SegmentGoneException:
                break; // retention took it: this turn goes on with what is kept
            case LogDamagedException damage:
                Park($"a stored record cannot be read: {damage.Message}", damage);
                break;
            case IOException or UnauthorizedAccessException:
                TimeSpan pause = _readPause.Next();
                _readAgainAt = After(pause);
                _environment.Logger.NotRead(Id, _readWork.Plan.Offset, pause.TotalSeconds, _readWork.Failure);
                break;
            case { } unknown:
                Park($"it met a fault that it does not know while it read: {unknown.Message}", unknown);
                break;
        }
    }

    private void DiscardRead()
    {
        if (_readWork.TryEnd()) _readWork.TakeBlock()?.Dispose();
    }

    /// <summary>A read of the log.</summary>
    private sealed class ReadWork(StreamPartition owner) : OffLoopWork(owner, owner._environment.Work)
    {
        private readonly StreamPartition _owner = owner;
        private LogReader? _reader;
        private ReadPlan _plan;
        private RecordBlock? _block;

        public ref readonly ReadPlan Plan => ref _plan;

        /// <summary>Byte behind the last record that was read.</summary>
        public long EndPosition { get; private set; }

        public void Start(ReadPlan plan)
        {
            _reader ??= _owner._log.NewReader();
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
