using Fibril.Broker.Queues.Delivery;

namespace Fibril.Broker.Queues.State;

/// <summary>The right of one subscription to process one message until a deadline. Reused; never kept after it ended.</summary>
internal sealed class Lease
{
    /// <summary>Handle of this one delivery.</summary>
    public ulong Tag { get; set; }

    public long Offset { get; set; }

    public QueueSubscription Subscription { get; set; } = null!;

    /// <summary>Timestamp of the time provider: a jump of the wall clock does not touch leases (F-60).</summary>
    public long ExpiresAt { get; set; }

    internal Lease? PreviousByDeadline { get; set; }

    internal Lease? NextByDeadline { get; set; }

    internal Lease? PreviousOfSubscription { get; set; }

    internal Lease? NextOfSubscription { get; set; }
}
