using Fibril.Broker.Queues.Delivery;

namespace Fibril.Broker.Queues.State;

/// <summary>All leases of one partition: by tag, by deadline, and by subscription. Every operation is O(1) for leases of equal length.</summary>
internal sealed class LeaseTable
{
    private readonly Dictionary<ulong, Lease> _byTag = [];
    private readonly Stack<Lease> _spare = new();
    private Lease? _earliest;
    private Lease? _latest;

    public int Count => _byTag.Count;

    /// <summary>Deadline of the lease that expires first; <see cref="long.MaxValue"/> without leases.</summary>
    public long EarliestDeadline => _earliest?.ExpiresAt ?? long.MaxValue;

    public Lease? Earliest => _earliest;

    public IEnumerable<Lease> All => _byTag.Values;

    public Lease Grant(ulong tag, long offset, QueueSubscription subscription, long expiresAt)
    {
        if (!_spare.TryPop(out Lease? lease)) lease = new Lease();
        lease.Tag = tag;
        lease.Offset = offset;
        lease.Subscription = subscription;
        lease.ExpiresAt = expiresAt;
        _byTag.Add(tag, lease);
        LinkByDeadline(lease);
        LinkToSubscription(lease);
        return lease;
    }

    /// <summary>The live lease with this tag; null for a dead or unknown one (M-33).</summary>
    public Lease? Find(ulong tag) => _byTag.GetValueOrDefault(tag);

    /// <summary>Moves the deadline of a lease; its tag and its place among those of its subscription stay.</summary>
    public void Renew(Lease lease, long expiresAt)
    {
        UnlinkByDeadline(lease);
        lease.ExpiresAt = expiresAt;
        LinkByDeadline(lease);
    }

    /// <summary>Ends a lease. Its tag is dead from now on, and the object will be used again.</summary>
    public void End(Lease lease)
    {
        _byTag.Remove(lease.Tag);
        UnlinkByDeadline(lease);
        UnlinkFromSubscription(lease);
        lease.Subscription = null!;
        _spare.Push(lease);
    }

    /// <summary>Moves all leases of one subscription to another, behind those it has.</summary>
    public static void HandOver(QueueSubscription from, QueueSubscription to)
    {
        while (from.OldestLease is { } lease)
        {
            UnlinkFromSubscription(lease);
            lease.Subscription = to;
            LinkToSubscription(lease);
        }
    }

    private void LinkByDeadline(Lease lease)
    {
        // Leases are granted and renewed in order of their deadlines except right after their length was made shorter.
        Lease? before = _latest;
        while (before is not null && before.ExpiresAt > lease.ExpiresAt) before = before.PreviousByDeadline;

        lease.PreviousByDeadline = before;
        lease.NextByDeadline = before is null ? _earliest : before.NextByDeadline;
        if (lease.NextByDeadline is null) _latest = lease;
        else lease.NextByDeadline.PreviousByDeadline = lease;
        if (before is null) _earliest = lease;
        else before.NextByDeadline = lease;
    }

    private void UnlinkByDeadline(Lease lease)
    {
        if (lease.PreviousByDeadline is null) _earliest = lease.NextByDeadline;
        else lease.PreviousByDeadline.NextByDeadline = lease.NextByDeadline;
        if (lease.NextByDeadline is null) _latest = lease.PreviousByDeadline;
        else lease.NextByDeadline.PreviousByDeadline = lease.PreviousByDeadline;
        lease.PreviousByDeadline = lease.NextByDeadline = null;
    }

    private static void LinkToSubscription(Lease lease)
    {
        QueueSubscription subscription = lease.Subscription;
        subscription.InFlight++;
        lease.PreviousOfSubscription = subscription.NewestLease;
        if (subscription.NewestLease is null) subscription.OldestLease = lease;
        else subscription.NewestLease.NextOfSubscription = lease;
        subscription.NewestLease = lease;
    }

    private static void UnlinkFromSubscription(Lease lease)
    {
        QueueSubscription subscription = lease.Subscription;
        subscription.InFlight--;
        if (lease.PreviousOfSubscription is null) subscription.OldestLease = lease.NextOfSubscription;
        else lease.PreviousOfSubscription.NextOfSubscription = lease.NextOfSubscription;
        if (lease.NextOfSubscription is null) subscription.NewestLease = lease.PreviousOfSubscription;
        else lease.NextOfSubscription.PreviousOfSubscription = lease.PreviousOfSubscription;
        lease.PreviousOfSubscription = lease.NextOfSubscription = null;
    }
}
