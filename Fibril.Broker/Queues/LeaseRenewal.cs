using Fibril.Broker.Channels;
using Fibril.Broker.Queues.Delivery;

namespace Fibril.Broker.Queues;

/// <summary>One request to renew leases of one subscription, and what comes of it. Written on the partition loop.</summary>
internal sealed class LeaseRenewal(ulong requestId, QueueSubscription subscription, IReadOnlyList<ulong> tags, IRenewalSink sink)
{
    private readonly List<ulong> _dead = [];

    public ulong RequestId => requestId;

    public IRenewalSink Sink => sink;

    /// <summary>Tags without a lease of the subscription: settled, expired, released, never given out, or somebody else's.</summary>
    public IReadOnlyList<ulong> DeadTags => _dead;

    /// <summary>The request as commands that hold the loop for a bounded time each. They are to be posted in this order.</summary>
    public IEnumerable<RenewCommand> Commands(int mostTags)
    {
        int start = 0;
        do
        {
            int end = (int)Math.Min((long)start + mostTags, tags.Count);
            yield return new RenewCommand(this, start, end);
            start = end;
        }
        while (start < tags.Count);
    }

    /// <summary>Renews a part of what was asked for, and answers behind the last part.</summary>
    internal void Apply(QueuePartition partition, int start, int end)
    {
        for (int i = start; i < end; i++)
        {
            if (!partition.Renew(subscription, tags[i])) _dead.Add(tags[i]);
        }

        if (end == tags.Count) partition.Answer(this);
    }
}

/// <summary>Where the answers to renewals go. Called on partition loops.</summary>
internal interface IRenewalSink : ISessionOutput
{
    /// <summary>Writes the answer, without sending it yet: everything but <see cref="LeaseRenewal.DeadTags"/> runs for this long from now.</summary>
    void Renewed(LeaseRenewal renewal, TimeSpan leaseDuration);
}

/// <summary>Renews some of the leases that one request names.</summary>
internal sealed class RenewCommand(LeaseRenewal renewal, int start, int end) : QueueCommand
{
    public override void Apply(QueuePartition partition) => renewal.Apply(partition, start, end);
}
