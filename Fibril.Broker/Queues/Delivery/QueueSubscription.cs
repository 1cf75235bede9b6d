using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Queues.Delivery;

/// <summary>One consumer of one partition. Belongs to the partition loop, except for the members that say otherwise.</summary>
internal sealed class QueueSubscription
{
    private int _signalled;
    private ulong _sentThrough;

    /// <param name="sink">Where its deliveries go.</param>
    /// <param name="prefetch">Most unsettled deliveries.</param>
    /// <param name="autoAck">Deliveries are settled when they were sent.</param>
    /// <param name="holder">Who it is, in a few words for operators.</param>
    public QueueSubscription(IDeliverySink sink, int prefetch, bool autoAck, string holder)
    {
        Holder = holder;
        Sink = sink;
        Prefetch = prefetch;
        AutoAck = autoAck;
        Turn = new LinkedListNode<QueueSubscription>(this);
    }

    public IDeliverySink Sink { get; }

    /// <summary>Who holds the leases of this subscription, for operators.</summary>
    public string Holder { get; }

    /// <summary>The member of the queue's cohort that it belongs to; null for one that competes.</summary>
    public Guid? MemberId { get; init; }

    /// <summary>The subscription that has taken this one's leases over; null for none.</summary>
    public QueueSubscription? Successor { get; set; }

    /// <summary>Most unsettled deliveries of a manual subscription; at least 1 (M-61).</summary>
    public int Prefetch { get; }

    /// <summary>True: a delivery is settled when it was sent. Its window is the output's room, not the prefetch (DLV-7).</summary>
    public bool AutoAck { get; }

    /// <summary>Deliveries that are not settled.</summary>
    public int InFlight { get; internal set; }

    /// <summary>Its place in the rotation; in no list while it could not take a message.</summary>
    public LinkedListNode<QueueSubscription> Turn { get; }

    /// <summary>True when the output had no room; cleared by a signal.</summary>
    public bool OutputIsFull { get; set; }

    public bool Ended { get; set; }

    public bool HasCredit => AutoAck || InFlight < Prefetch;

    internal Lease? OldestLease { get; set; }

    internal Lease? NewestLease { get; set; }

    /// <summary>Highest tag of an auto-ack subscription that was sent. Thread-safe.</summary>
    public ulong SentThrough
    {
        get => Volatile.Read(ref _sentThrough);
        set => Volatile.Write(ref _sentThrough, value);
    }

    /// <summary>True for the first signal since the last <see cref="ClearSignal"/>. Thread-safe.</summary>
    public bool Signal() => Interlocked.Exchange(ref _signalled, 1) == 0;

    /// <summary>Called before the state that was signalled is looked at.</summary>
    public void ClearSignal() => Interlocked.Exchange(ref _signalled, 0);
}
