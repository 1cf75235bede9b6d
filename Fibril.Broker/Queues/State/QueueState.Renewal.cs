using Fibril.Broker.Queues.Delivery;

namespace Fibril.Broker.Queues.State;

internal sealed partial class QueueState
{
    /// <summary>
    /// Lets a lease run until <paramref name="expiresAt"/>, a timestamp. Nothing else changes: not the tag, not the retry count, not the
    /// credit. False when the tag is dead, unknown or another session's (M-33, M-36).
    /// </summary>
    /// <remarks>
    /// As with settlements, a lease is over when it was ended, not when its deadline passed: as long as nobody else was given the message,
    /// whoever holds it may keep it.
    /// </remarks>
    public bool Renew(ulong tag, QueueSubscription by, long expiresAt)
    {
        if (FindOwn(tag, by) is not { } lease) return false;

        // A lease that was granted while leases were longer keeps its time (M-16).
        if (expiresAt > lease.ExpiresAt) _leases.Renew(lease, expiresAt);
        return true;
    }
}
