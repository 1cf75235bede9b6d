using Fibril.Broker.Queues.Delivery;

namespace Fibril.Broker.Queues;

internal sealed partial class QueuePartition
{
    /// <summary>Starts a lease anew, by this broker's clock. False when there is none with this tag and this subscription.</summary>
    internal bool Renew(QueueSubscription by, ulong tag)
    {
        if (by.AutoAck || by.Ended || _parkedBecause is not null) return false;
        return _state.Renew(tag, by, After(_environment.Delivery.LeaseDuration));
    }

    /// <summary>Answers a request whose last tag was looked at.</summary>
    internal void Answer(LeaseRenewal renewal)
    {
        renewal.Sink.Renewed(renewal, _environment.Delivery.LeaseDuration);
        MarkUnsent(renewal.Sink);
    }
}
