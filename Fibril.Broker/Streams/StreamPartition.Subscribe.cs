using Fibril.Broker.Log;
using Fibril.Broker.Partitions;
using Fibril.Broker.Streams.Cursors;
using Fibril.Broker.Streams.Delivery;
using Fibril.Protocol;

namespace Fibril.Broker.Streams;

internal sealed partial class StreamPartition
{
    // Those whose place is looked for, one after the other.
    private readonly Queue<StreamSubscription> _toPosition = new();
    private TimeSearchWork? _search;

    internal void Subscribe(StreamSubscription subscription)
    {
        if (subscription.Ended) return;
        if (_parkedBecause is { } because)
        {
            Turn(subscription, away: _closeText is null ? CloseReason.ServerError : _closeReason, because);
            return;
        }

        if (subscription.Request.DurableName is { } name)
        {
            if (_cursors.Find(name) is null && _cursors.All.Count >= _environment.Options.MostCursors)
            {
                Turn(subscription, CloseReason.ServerError, $"Partition {Id} has {_cursors.All.Count} cursors, the most it may have; use one of their names.");
                return;
            }

            subscription.Cursor = _cursors.GetOrAdd(name);
            subscription.Cursor.ReaderCount++;
        }

        _subscriptions.Add(subscription);
        Position(subscription);
    }

    internal void Unsubscribe(StreamSubscription subscription)
    {
        TakeProgress(subscription);
        subscription.Ended = true;
        if (_subscriptions.Remove(subscription)) Leave(subscription);
    }

    private void Turn(StreamSubscription subscription, CloseReason away, string text)
    {
        subscription.Ended = true;
        subscription.Sink.Closed(away, text);
        MarkUnflushed(subscription);
    }

    private void Leave(StreamSubscription subscription)
    {
        subscription.Ended = true;
        subscription.IsLive = false;
        if (subscription.Cursor is { } cursor) _cursors.Leave(cursor);
    }

    /// <summary>Where it starts: at its cursor, or where it asks to, within what is kept (P-10 to P-15, STR-2, STR-3).</summary>
    private void Position(StreamSubscription subscription)
    {
        long start = _log.StartOffset;
        StreamStart wanted = subscription.Request.Start;
        if (subscription.Cursor is { } cursor)
        {
            subscription.Next = Math.Clamp(cursor.Position ?? start, start, _visibleEnd);
            return;
        }

        if (wanted.Kind == StreamStartKind.Time)
        {
            subscription.IsPositioning = true;
            _toPosition.Enqueue(subscription);
            StartSearch();
            return;
        }

        long value = (long)Math.Min(wanted.Value, long.MaxValue);
        subscription.Next = wanted.Kind switch
        {
            StreamStartKind.Earliest => start,
            StreamStartKind.Offset => Math.Clamp(value, start, _visibleEnd),
            StreamStartKind.Back => Math.Max(start, _visibleEnd - Math.Min(value, _visibleEnd)),
            _ => _visibleEnd,
        };
    }

    private void ApplySignal(StreamSubscription subscription)
    {
        subscription.ClearSignal();
        TakeProgress(subscription);
        if (subscription.TakeRoom()) subscription.OutputIsFull = false;
    }

    /// <summary>Moves its cursor over what was acknowledged, or sent where that is enough; never over what was not delivered (P-16, P-53).</summary>
    private void TakeProgress(StreamSubscription subscription)
    {
        if (subscription.Cursor is not { } cursor) return;
        long through = subscription.Request.AutoAck ? subscription.SentThrough : subscription.AckedThrough;
        if (through < 0) return;
        if (through >= subscription.Next)
        {
            subscription.ForgetAcked(through);
            return;
        }

        // The name of one that has ended may have been forgotten, and may be another reader's by now. Retention may have come by as well.
        StreamCursor moved = subscription.Ended ? _cursors.GetOrAdd(cursor.Name) : cursor;
        _cursors.Advance(moved, Math.Max(through + 1, _log.StartOffset), _now.UnixMs);
    }

    private void StartSearch()
    {
        if (_search is not null || IsStopping || !_toPosition.TryPeek(out StreamSubscription? next)) return;
        long time = (long)Math.Min(next.Request.Start.Value, long.MaxValue);
        _search = new TimeSearchWork(this, _log.PlanTimeSearch(time));
        _search.Start();
    }

    private void FinishSearches()
    {
        FinishRetentionSearch();
        if (_search is not { HasEnded: true } search) return;
        _search = null;
        StreamSubscription subscription = _toPosition.Peek();
        switch (search.Failure)
        {
            case null:
                // What is visible may not reach as far as what is stored.
                subscription.Next = Math.Clamp(search.Found, _log.StartOffset, _visibleEnd);
                subscription.PassesOverUntil = search.Plan.Timestamp;
                subscription.IsPositioning = false;
                _toPosition.Dequeue();
                break;
            case SegmentGoneException:
                break; // this turn plans again
            case LogDamagedException damage:
                Park($"a stored record cannot be read: {damage.Message}", damage);
                return;
            case { } failure:
                _toPosition.Dequeue();
                _environment.Logger.NotPositioned(Id, failure);
                if (!_subscriptions.Remove(subscription)) break;
                Leave(subscription);
                Turn(subscription, CloseReason.ServerError, "The log could not be read to find where to start. Subscribe again in a moment.");
                break;
        }

        StartSearch();
    }

    private void DiscardSearches()
    {
        if (_search is { HasEnded: true }) _search = null;
        if (_retentionSearch is { HasEnded: true }) _retentionSearch = null;
    }

    /// <summary>Looks for a time in the log, off the loop.</summary>
    private sealed class TimeSearchWork(StreamPartition owner, TimeSearchPlan plan) : OffLoopWork(owner, owner._environment.Work)
    {
        private readonly SegmentedLog _log = owner._log;

        public TimeSearchPlan Plan => plan;

        public long Found { get; private set; }

        protected override void Run()
        {
            using LogReader reader = _log.NewReader();
            Found = reader.FindByTime(plan);
        }
    }
}
