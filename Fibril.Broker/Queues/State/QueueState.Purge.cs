using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.State;

internal sealed partial class QueueState
{
    /// <summary>Settles messages that are not leased and not being copied.</summary>
    /// <returns>How many messages.</returns>
    public long Purge(PurgeScope scope)
    {
        long before = _settled.Count;
        if (scope.HasFlag(PurgeScope.Ready))
        {
            foreach (OffsetRange range in _ready.Ranges) SettleUnseen(range);
            _ready.Clear();
        }

        if (scope.HasFlag(PurgeScope.Delayed))
        {
            while (_delayed.TryDequeue(out long offset, out _)) SettleUnseen(OffsetRange.Of(offset));
        }

        if (scope == PurgeScope.All)
        {
            while (_pending.TryTake(out long offset, out _)) SettleUnseen(OffsetRange.Of(offset));
        }

        DueTimes.Clear();
        ForgetFinished();
        return _settled.Count - before;
    }

    private void SettleUnseen(OffsetRange offsets)
    {
        _settled.AddRange(offsets);
        events.Purged(offsets);
    }
}
