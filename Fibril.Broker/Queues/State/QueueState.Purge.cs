using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.State;

internal sealed partial class QueueState
{
    /// <summary>Settles everything that is not leased and not being copied.</summary>
    /// <returns>How many messages.</returns>
    public long Purge()
    {
        long before = _settled.Count;
        foreach (OffsetRange range in _ready.Ranges) SettleUnseen(range);
        _ready.Clear();
        while (_delayed.TryDequeue(out long offset, out _)) SettleUnseen(OffsetRange.Of(offset));
        while (_pending.TryTake(out long offset, out _)) SettleUnseen(OffsetRange.Of(offset));

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
