using Fibril.Broker.Channels;

namespace Fibril.Broker.Queues;

/// <summary>Somebody who is answered when what a partition has written down is durable. Used on its loop.</summary>
internal interface IEventWait
{
    /// <summary>Events before this one must be durable; null until they are written.</summary>
    long? EventEnd { get; set; }

    void Durable();

    /// <summary>The event log has ended before: what was done may be lost or not.</summary>
    void Unknown(Exception failure);
}

// Settlements of consumers are synced within an interval, because losing one means no more than a redelivery. Who settles by hand, or reads
// the event log, wants to know that it is there, so the sync does not wait for the interval.
internal sealed partial class QueuePartition
{
    private readonly List<IEventWait> _eventWaits = [];

    /// <summary>Answers when everything that happens up to the end of this turn is durable.</summary>
    internal void AnswerWhenDurable(IEventWait wait) => _eventWaits.Add(wait);

    /// <summary>Called when the events of the turn are written: those who wait for them learn which they are.</summary>
    private void AdvanceEventWaits()
    {
        if (_eventWaits.Count == 0) return;
        bool needsSync = false;
        foreach (IEventWait wait in _eventWaits)
        {
            // What could not be written, because the log has just failed, is the matter of the outage that comes.
            if (wait.EventEnd is not null || !_happened.IsEmpty) continue;
            wait.EventEnd = _events.NextOffset;
            needsSync |= _events.DurableEnd < _events.NextOffset;
        }

        if (needsSync) SyncEventsNow();
        AnswerEventWaits();
    }

    private void SyncEventsNow()
    {
        _eventSyncDue = long.MaxValue;
        _events.RequestSync();
    }

    /// <summary>Answers those whose events are durable by now, or will never be known to be.</summary>
    private void AnswerEventWaits()
    {
        if (_eventWaits.Count == 0) return;

        // In this order: a log that ends does so after its last sync.
        bool isOver = _events.IsClosed;
        long durableEnd = _events.DurableEnd;
        _eventWaits.RemoveAll(wait => TryAnswer(wait, durableEnd, isOver));
    }

    private bool TryAnswer(IEventWait wait, long durableEnd, bool isOver)
    {
        if (durableEnd >= wait.EventEnd)
        {
            wait.Durable();
            return true;
        }

        bool willBeWritten = wait.EventEnd is not null || NotServingBecause is null;
        if (!isOver && willBeWritten) return false;
        wait.Unknown(new PartitionNotServingException(
            Id, $"It was begun, and nobody knows whether it will last. {NotServingBecause ?? StoppingText}"));
        return true;
    }
}
