using Fibril.Broker.Log;
using Fibril.Broker.Queues;
using Fibril.Broker.Sessions;
using Fibril.Broker.Sessions.Resume;
using Fibril.Broker.Streams;

namespace Fibril.Broker.Statistics;

/// <summary>What there is to look at in one broker.</summary>
internal sealed record BrokerParts(
    QueueRegistry Queues, StreamRegistry Streams, SessionRegistry Sessions, ConnectionRegistry Connections, IStorageFileSystem Files, string DataDirectory)
{
    /// <summary>The disk of the data directory; null when the platform does not tell.</summary>
    public DiskSpace? Disk => Files.SpaceAt(DataDirectory);

    /// <summary>Open subscriptions.</summary>
    public int SubscriptionCount => Sessions.All.Sum(static session => session.SubscriptionCount);

    /// <summary>Partitions that wait for repair.</summary>
    public int QuarantinedCount => Queues.Quarantined.Count + Streams.Quarantined.Count;

    /// <summary>How often a partition was quarantined since the start.</summary>
    public long QuarantineCount => Queues.QuarantineCount + Streams.QuarantineCount;
}
