using Fibril.Broker.Log.Records;
using Fibril.Broker.Streams.Delivery;
using Fibril.Protocol;

namespace Fibril.Broker.Streams;

// A subscription is a place in the log. It is served from memory while the place is in the live ring, and from the log while it is not; either
// way it moves over every record, one after the other, so that nothing is left out and nothing comes twice (P-50, P-51). One whose output has
// no room stays where it is, and costs the others nothing (P-52).
internal sealed partial class StreamPartition
{
    private const int BytesPerPiece = 64 << 10;
    private const int BytesPerSubscriptionAndTurn = 512 << 10;
    private const int RecordsPerSubscriptionAndTurn = 8192;

    private readonly List<StreamSubscription> _subscriptions = [];
    private readonly LiveRing _live;
    private long _visibleEnd;
    private long _averageRecordBytes = 512;
    private long _deliveredCount;
    private long _lagRecoveries;
    private int _liveCount;

    /// <summary>Records delivered since the partition was loaded, once for each reader (P-70). Thread-safe.</summary>
    public long DeliveredCount => Interlocked.Read(ref _deliveredCount);

    /// <summary>How often a reader came back to being served from memory (P-54). Thread-safe.</summary>
    public long LagRecoveries => Interlocked.Read(ref _lagRecoveries);

    /// <summary>Readers that are served from memory, as of the end of the last turn (P-54). Thread-safe.</summary>
    public int LiveSubscriptionCount => Volatile.Read(ref _liveCount);

    /// <summary>Records of a block become visible to readers, in the order of their offsets.</summary>
    private void Show(RecordBlock block)
    {
        _averageRecordBytes = Math.Max(1, block.Length / block.Count);
        if (IsAnybodyNear()) _live.Add(block);
        _visibleEnd = block.EndOffset;
    }

    /// <summary>From here on a reader is near enough to be served from memory soon: what comes meanwhile has room there.</summary>
    private long FarthestNear => _visibleEnd - (_environment.Options.LiveBytes / 2 / _averageRecordBytes);

    /// <summary>False when nobody needs the newest records in memory.</summary>
    private bool IsAnybodyNear()
    {
        long farthest = FarthestNear;
        foreach (StreamSubscription subscription in _subscriptions)
        {
            if (!subscription.IsPositioning && subscription.Next >= farthest) return true;
        }

        return false;
    }

    /// <summary>Moves every subscription on as far as it can go; true when one of them can go on at once.</summary>
    private bool Deliver()
    {
        bool more = false;
        int live = 0;
        long farthest = FarthestNear;
        long servedFrom = long.MaxValue;
        StreamSubscription? reads = null;
        foreach (StreamSubscription subscription in _subscriptions)
        {
            if (subscription.CanTake && subscription.Next < _visibleEnd) more |= Advance(subscription, ref reads);
            NoteLive(subscription);
            if (subscription.IsLive) live++;
            if (subscription.IsLive || subscription.Next >= farthest) servedFrom = Math.Min(servedFrom, subscription.Next);
        }

        if (reads is not null) StartRead(reads);
        if (!_catchUp.IsEmpty) _catchUp.Keep(_subscriptions);
        _live.ReleaseBefore(Math.Min(servedFrom, _log.ReadableEnd));
        _live.Trim(_log.ReadableEnd);
        Volatile.Write(ref _liveCount, live);
        return more;
    }

    /// <summary>Moves one subscription on; true when its share of the turn is used up before it is at the end.</summary>
    private bool Advance(StreamSubscription subscription, ref StreamSubscription? reads)
    {
        long bytes = BytesPerSubscriptionAndTurn;
        int records = RecordsPerSubscriptionAndTurn;
        while (subscription.CanTake && subscription.Next < _visibleEnd)
        {
            if (bytes <= 0 || records <= 0) return true;
            if ((_live.Find(subscription.Next) ?? _catchUp.Find(subscription.Next)) is not { } image)
            {
                MoveToWhatIsKept(subscription);
                bool isReadable = subscription.Next < _log.ReadableEnd;
                if (isReadable && (reads is null || subscription.LastRead < reads.LastRead)) reads = subscription;
                return false;
            }

            long before = subscription.Next;
            bytes -= AdvanceIn(image, subscription);
            records -= (int)(subscription.Next - before);
        }

        return false;
    }

    /// <summary>Passes over the records that are not wanted, and delivers the neighbours behind them that are. Returns the bytes delivered.</summary>
    private int AdvanceIn(DeliveryImage image, StreamSubscription subscription)
    {
        int first = (int)(subscription.Next - image.FirstOffset);
        int end = (int)(Math.Min(image.EndOffset, _visibleEnd) - image.FirstOffset);
        while (first < end && IsPassedOver(image, first, subscription)) first++;
        subscription.Next = image.FirstOffset + first;
        if (first == end) return 0;

        int count = CountWanted(image, first, end, subscription.Request.Filter);
        subscription.NoteOffered(subscription.Next + count);
        int taken = subscription.Sink.Deliver(image, first, count);
        if (taken < count)
        {
            subscription.NoteOffered(subscription.Next + taken);
            subscription.OutputIsFull = true;
        }

        if (taken == 0) return 0;

        subscription.Next += taken;
        NoteDelivered(image, first, taken);
        MarkUnflushed(subscription);
        return image.BytesOf(first, taken);
    }

    private static bool IsPassedOver(DeliveryImage image, int index, StreamSubscription subscription)
    {
        if (subscription.PassesOverUntil > 0)
        {
            if (image.ReceivedOf(index) is not { } received || received < subscription.PassesOverUntil) return true;
            subscription.PassesOverUntil = 0; // the first; what follows is wanted, whatever the clock did
        }

        return !image.Passes(index, subscription.Request.Filter);
    }

    /// <summary>Neighbours that are wanted, as many as go into one piece.</summary>
    private static int CountWanted(DeliveryImage image, int first, int end, HeaderFilter? filter)
    {
        int count = 1;
        while (first + count < end && image.BytesOf(first, count + 1) <= BytesPerPiece && image.Passes(first + count, filter)) count++;
        return count;
    }

    /// <summary>A reader whose next records retention has taken goes on with the oldest that is kept (P-42, P-43).</summary>
    private void MoveToWhatIsKept(StreamSubscription subscription)
    {
        if (subscription.Next >= _log.StartOffset) return;
        subscription.Next = _log.StartOffset;
        subscription.IsLagged = true;
        Interlocked.Increment(ref _laggedCount);
        Metrics.Overtaken.Increment();
    }

    private void NoteLive(StreamSubscription subscription)
    {
        bool isLive = !subscription.IsPositioning && (subscription.Next == _visibleEnd || subscription.Next >= _live.StartOffset);
        if (isLive == subscription.IsLive) return;
        subscription.IsLive = isLive;
        if (!isLive) return;
        if (subscription.WasLive)
        {
            Interlocked.Increment(ref _lagRecoveries);
            Metrics.LagRecoveries.Increment();
        }

        subscription.WasLive = true;
    }

    private readonly List<StreamSubscription> _unflushed = [];

    private void MarkUnflushed(StreamSubscription subscription)
    {
        if (_unflushed.Count > 0 && _unflushed[^1] == subscription) return;
        _unflushed.Add(subscription);
    }

    private void FlushDeliveries()
    {
        foreach (StreamSubscription subscription in _unflushed) subscription.Sink.Flush();
        _unflushed.Clear();
    }

    private void CloseSubscriptions(CloseReason reason, string text)
    {
        foreach (StreamSubscription subscription in _subscriptions)
        {
            Leave(subscription);
            subscription.Sink.Closed(reason, text);
            MarkUnflushed(subscription);
        }

        _subscriptions.Clear();
        _live.Clear();
        _catchUp.Clear();
        Volatile.Write(ref _liveCount, 0);
    }
}
