using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Queues.State;
using Fibril.Protocol;

namespace Fibril.Broker.Queues;

// A queue may be declared with a most number of messages, or of bytes, for each of its partitions. Bytes are counted by the mean size of the
// messages: what each of them takes is in the log, and not in memory.
internal sealed partial class QueuePartition
{
    private const double NewestShare = 1.0 / 64; // of the mean, for each batch

    private double _meanBytes;
    private int _messagesInLog;

    /// <summary>Most messages the partition may hold now; <see cref="long.MaxValue"/> without a limit.</summary>
    private long MostMessages
    {
        get
        {
            QueueSettings settings = Settings;
            long byBytes = settings.MaxBytes is { } bytes && _meanBytes > 0 ? Math.Max(1, (long)(bytes / _meanBytes)) : long.MaxValue;
            return Math.Min(settings.MaxMessages ?? long.MaxValue, byBytes);
        }
    }

    private void NoteSize(PublishBatch batch)
    {
        double mean = (double)batch.Block.Length / batch.Block.Count;
        _meanBytes = _meanBytes == 0 ? mean : _meanBytes + ((mean - _meanBytes) * NewestShare);
    }

    /// <summary>Refuses what a full queue has no room for: the last messages of the batch, or all of them.</summary>
    private void RefuseBeyondLimit(PublishBatch batch)
    {
        if (batch.Block.Count == 0 || Settings is { MaxMessages: null, MaxBytes: null }) return;
        NoteSize(batch);
        if (Settings.Overflow != OverflowPolicy.Reject) return;
        long room = Math.Max(0, MostMessages - _state.ActiveCount - _messagesInLog);
        if (room >= batch.Block.Count) return;
        ForgetProducers(batch, from: (int)room);
        Refuse(batch.SplitLast(batch.Block.Count - (int)room, _messages.NextOffset), ErrorCode.NoRoom, FullText);
    }

    private string FullText =>
        $"Queue {Id.Queue} is full: partition {Id.Partition} holds the {MostMessages} messages that it may. "
        + "Publish again when consumers have made room, or raise the queue's limit.";

    /// <summary>Gives up the oldest ready messages beyond the limit; those that are leased or delayed are not touched.</summary>
    private void DropBeyondLimit()
    {
        if (Settings is { MaxMessages: null, MaxBytes: null } or { Overflow: not OverflowPolicy.DropOldest }) return;
        long excess = _state.ActiveCount - _state.PendingCount - MostMessages;
        for (; excess > 0 && _state.TryDropOldest(); excess--)
        {
            // One after the other.
        }
    }
}
