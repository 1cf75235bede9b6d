namespace Fibril.Client.Routing;

/// <summary>How one queue or stream is split, and who owns its partitions. Immutable.</summary>
/// <param name="kind">Queue or stream.</param>
/// <param name="partitionCount">At least 1.</param>
/// <param name="partitioningVersion">Grows with every repartition of a queue.</param>
/// <param name="owners">By partition; null where the owner is unknown, and as a whole when none is known.</param>
/// <param name="isListed">False for what is only assumed, because nobody has shown the channel yet.</param>
internal sealed class ChannelRouting(
    ChannelKind kind, uint partitionCount, ulong partitioningVersion, BrokerEndpoint?[]? owners, bool isListed = true)
{
    /// <summary>What counts for a channel that no topology shows: one partition of version 0 (HSH-3).</summary>
    public static readonly ChannelRouting Unknown = new(ChannelKind.Queue, partitionCount: 1, partitioningVersion: 0, owners: null, isListed: false);

    public ChannelKind Kind => kind;

    public uint PartitionCount => partitionCount;

    public bool IsListed => isListed;

    public ulong PartitioningVersion => partitioningVersion;

    /// <summary>True when the owner of at least one partition is known.</summary>
    public bool KnowsOwners => owners is not null && Array.Exists(owners, static owner => owner is not null);

    /// <summary>Who serves the partition; null when nobody said, as in the topology of a broker that stands alone.</summary>
    public BrokerEndpoint? OwnerOf(uint partition) => owners is not null && partition < owners.Length ? owners[partition] : null;

    /// <summary>True when a partition belongs to the broker. Of a channel that nobody has shown the count is not known either.</summary>
    public bool Gives(BrokerEndpoint broker) =>
        owners is not null && Array.IndexOf(owners, broker, 0, isListed ? (int)Math.Min(partitionCount, (uint)owners.Length) : owners.Length) >= 0;

    /// <summary>The same channel after a redirect: neither the count nor the version changes (RDR-2).</summary>
    public ChannelRouting WithOwner(uint partition, BrokerEndpoint owner)
    {
        var changed = new BrokerEndpoint?[Math.Max(partition + 1, owners?.Length ?? 0)];
        owners?.CopyTo(changed, 0);
        changed[partition] = owner;
        return new ChannelRouting(kind, partitionCount, partitioningVersion, changed, isListed);
    }

    public ChannelRouting WithCount(uint count) => new(kind, count, partitioningVersion, owners, isListed);
}
