using Fibril.Broker.Queues.State;

namespace Fibril.Tests.Unit.Queues;

// A queue with a most number of messages or bytes. Bytes are counted by the mean size of the batches of this life, of which the newest
// counts for one in 64.
internal sealed partial class ReferenceQueue
{
    private double _meanBytes;

    public long? MaxMessages { get; set; }

    public long? MaxBytes { get; set; }

    public OverflowPolicy Overflow { get; set; }

    private bool IsLimited => MaxMessages is not null || MaxBytes is not null;

    private long MostMessages =>
        Math.Min(MaxMessages ?? long.MaxValue, MaxBytes is { } bytes && _meanBytes > 0 ? Math.Max(1, (long)(bytes / _meanBytes)) : long.MaxValue);

    /// <summary>A batch is published.</summary>
    /// <param name="sizes">Bytes of each message that was not sent before.</param>
    /// <returns>How many of its messages, from the first on, are not refused.</returns>
    public int Offer(int[] sizes)
    {
        int count = sizes.Length;
        if (!IsLimited || count == 0) return count;
        double mean = sizes.Average();
        _meanBytes = _meanBytes == 0 ? mean : _meanBytes + ((mean - _meanBytes) / 64);
        return Overflow == OverflowPolicy.Reject ? (int)Math.Clamp(MostMessages - ActiveCount, 0, count) : count;
    }

    /// <summary>The oldest that are ready go, and nothing that is leased or delayed. What is pending is on its way out already.</summary>
    private void DropBeyondLimit()
    {
        if (!IsLimited || Overflow != OverflowPolicy.DropOldest) return;
        long excess = ActiveCount - PendingCount - MostMessages;
        foreach (ReferenceMessage message in _messages)
        {
            if (excess <= 0) return;
            if (message.State != ReferenceState.Ready) continue;
            GiveUp(message, "overflow");
            excess--;
        }
    }
}
