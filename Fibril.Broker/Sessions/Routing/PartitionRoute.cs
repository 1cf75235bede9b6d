using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Sessions.Subscriptions;
using Fibril.Broker.Streams;

namespace Fibril.Broker.Sessions.Routing;

/// <summary>The way from one connection to one partition, and what is being collected for it.</summary>
internal sealed class PartitionRoute(PartitionId id)
{
    public PartitionId Id { get; } = id;

    private IDisposable? _publisher;
    private IPublishTarget? _target;

    /// <summary>When something was published last, in Unix milliseconds by the broker's clock.</summary>
    public long LastPublishMs { get; set; }

    /// <summary>The partition to publish to; null before the first publish, and when it has to be looked up again.</summary>
    public IPublishTarget? Target => _target is { IsOver: false } target ? target : null;

    /// <summary>Why the user must not publish there; null when that is allowed, or has to be looked up again.</summary>
    public string? Denial { get; set; }

    /// <summary>True when it led to a stream the last time that it was looked up.</summary>
    public bool LedToStream { get; private set; }

    /// <summary>The session's subscription to the partition, as of <see cref="SubscriptionVersion"/>.</summary>
    public SessionSubscription? Subscription { get; set; }

    /// <summary>The session's subscriptions to the partition of the stream, as of the same moment; mostly none.</summary>
    public StreamSessionSubscription[] Streams { get; set; } = [];

    /// <summary>Version of the session's subscriptions at the last look; another connection may have changed them since.</summary>
    public int SubscriptionVersion { get; set; } = -1;

    /// <summary>Messages of the frames read so far.</summary>
    public PublishBatch? Publishes { get; set; }

    /// <summary>Settlements of the frames read so far.</summary>
    public SettleCommand? Settles { get; set; }

    /// <summary>Where what is collected goes, also when the partition has ended meanwhile: it says so.</summary>
    public IPublishTarget Collector => _target!;

    public bool HasWork => Publishes is not null || Settles is not null;

    /// <summary>Takes over the connection's right to publish there; it keeps the partition loaded (I-20).</summary>
    public void BeginPublisher(IDisposable lease, IPublishTarget target)
    {
        (_publisher, _target) = (lease, target);
        LedToStream = target is StreamPartition;
    }

    /// <summary>Gives the right to publish up. Nothing may be collected.</summary>
    public void EndPublisher()
    {
        _publisher?.Dispose();
        _publisher = null;
        _target = null;
        Denial = null;
    }
}
