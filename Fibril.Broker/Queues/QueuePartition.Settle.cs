using Fibril.Broker.Log.Records;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Queues;

internal sealed partial class QueuePartition
{
    private const long MaxUnwrittenEventBytes = 4 << 20;

    private long _eventSyncDue = long.MaxValue;

    /// <summary>Settles one delivery. An unknown, dead or foreign tag changes nothing and is no error (M-31).</summary>
    internal void Settle(QueueSubscription by, ulong tag, SettleKind kind, long notBefore)
    {
        while (by is { Ended: true, Successor: { } successor }) by = successor;
        if (by.AutoAck || by.Ended || _parkedBecause is not null) return;
        bool settled = kind switch
        {
            SettleKind.Complete => _state.Complete(tag, by),
            SettleKind.Fail => _state.Fail(tag, by),
            _ => _state.Retry(tag, by, notBefore, Settings.MaxRetries, _now),
        };
        if (!settled) return;
        TraceSettlement(tag);
        EnterRotation(by);
    }

    /// <summary>A batch of settlements was carried out.</summary>
    internal void NoteSettled(long receivedAt) => Metrics.Settled(_environment.Time.GetElapsedTime(receivedAt, _now.Timestamp));

    /// <summary>Settles deliveries of an auto-ack subscription, and only those that were sent (M-70).</summary>
    private void SettleSent(QueueSubscription subscription)
    {
        ulong sentThrough = subscription.SentThrough;
        while (subscription.OldestLease is { } lease && lease.Tag <= sentThrough)
        {
            TraceSettlement(lease.Tag);
            _state.Complete(lease.Tag, subscription);
        }
    }

    /// <summary>Leases, delays and times to live that are over, a bounded number a turn (M-12).</summary>
    private bool ExpireWhatIsDue()
    {
        int max = _environment.Delivery.ExpiryBatchCount;
        int done = _state.ExpireLeases(_now, max, _enterRotation ??= EnterRotation);
        done += _state.ReleaseDelayed(_now, max);
        done += _state.ExpireMessages(_now, max);
        return done >= max;
    }

    private Action<QueueSubscription>? _enterRotation;

    /// <summary>Appends what happened in this turn. Synced within an interval: a lost settlement means redelivery, never loss (M-38).</summary>
    private void WriteEvents()
    {
        if (!_happened.IsEmpty && _events.Fault is null)
        {
            RecordBlock block = _happened.Take(_now.UnixMs);
            _events.Append(block);
            _events.Flush();
            if (_eventSyncDue == long.MaxValue) _eventSyncDue = After(_environment.Log.Options.SettlementSyncInterval);
        }

        if (_eventSyncDue > _now.Timestamp) return;
        _eventSyncDue = long.MaxValue;
        _events.RequestSync();
    }

    private long NextDeadline()
    {
        long next = Math.Min(Math.Min(_eventSyncDue, NextCopy), Math.Min(_state.EarliestLeaseDeadline, _snapshotDueAt));
        next = Math.Min(next, NextRead);
        next = Math.Min(next, WhenWallClockReaches(_state.EarliestDelay, _environment.Delivery.DelayPollInterval));
        return Math.Min(next, WhenWallClockReaches(_state.EarliestExpiry, _environment.Delivery.ExpiryPollInterval)); // M-12
    }

    /// <summary>The wall clock may jump, so it is looked at again before long (F-60, D-3).</summary>
    private long WhenWallClockReaches(long? unixMs, TimeSpan longestWait)
    {
        if (unixMs is not { } due) return long.MaxValue;

        // Capped as a number: clients may ask for times that no TimeSpan holds.
        double waitMs = Math.Clamp(due - _now.UnixMs, 0, longestWait.TotalMilliseconds);
        return After(TimeSpan.FromMilliseconds(waitMs));
    }

    private long After(TimeSpan interval) =>
        _now.Timestamp + (long)(interval.TotalSeconds * _environment.Time.TimestampFrequency);
}
