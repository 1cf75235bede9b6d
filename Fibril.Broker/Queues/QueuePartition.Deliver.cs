using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Queues.State;
using Fibril.Protocol;

namespace Fibril.Broker.Queues;

internal sealed partial class QueuePartition
{
    private const int DeliveriesPerTurn = 4096;
    private const int TagsPerReservation = 64;

    private readonly List<QueueSubscription> _subscriptions = [];
    private readonly LinkedList<QueueSubscription> _rotation = new();
    private ulong _nextTag;
    private int _tagsLeft;

    internal void Subscribe(QueueSubscription subscription, QueueSubscription? replaces)
    {
        if (_parkedBecause is { } because)
        {
            subscription.Sink.Closed(_closeText is null ? CloseReason.ServerError : _closeReason, because);
            MarkUnsent(subscription.Sink);
            return;
        }

        if (replaces is not null) Replace(replaces, subscription);
        _subscriptions.Add(subscription);
        EnterRotation(subscription);
    }

    /// <summary>Manual deliveries stay settleable under the new subscription, and count against its prefetch; others go back .</summary>
    private void Replace(QueueSubscription earlier, QueueSubscription subscription)
    {
        if (!_subscriptions.Remove(earlier)) return;
        earlier.Ended = true;
        earlier.Successor = subscription;
        LeaveRotation(earlier);
        if (earlier.AutoAck) SettleSent(earlier);
        if (earlier.AutoAck || subscription.AutoAck) _state.Release(earlier, _now);
        else QueueState.HandOver(earlier, subscription);
    }

    internal void ReturnUnsent(QueueSubscription subscription)
    {
        if (subscription.Ended) return;
        SettleSent(subscription);
        _state.Release(subscription, _now);
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
        OpenGateWhenClear();
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

    private bool CanTake(QueueSubscription subscription) => !subscription.OutputIsFull && subscription.HasCredit && MayReceive(subscription);

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

        UseTag();
        NoteDelivered(record);
        TraceDelivery(record, tag);
        _state.Grant(tag, offset, subscription, After(_environment.Delivery.LeaseDuration));
        MarkUnsent(subscription.Sink);
        EnterRotation(subscription);
    }

    /// <summary>The next tag; it stays the next one until <see cref="UseTag"/>.</summary>
    private ulong PeekTag()
    {
        if (_tagsLeft == 0)
        {
            _nextTag = _environment.Tags.Reserve(TagsPerReservation);
            _tagsLeft = TagsPerReservation;
        }

        return _nextTag;
    }

    private void UseTag()
    {
        _nextTag++;
        _tagsLeft--;
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
}
