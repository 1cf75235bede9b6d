namespace Fibril.Client;

/// <summary>A queue or a stream as brokers show it.</summary>
public sealed class CatalogueEntry
{
    internal CatalogueEntry(ChannelKind kind, string topic, string? group, int partitionCount)
    {
        Kind = kind;
        Topic = topic;
        Group = group;
        PartitionCount = partitionCount;
    }

    /// <summary>Queue or stream.</summary>
    public ChannelKind Kind { get; }

    /// <summary>Its topic.</summary>
    public string Topic { get; }

    /// <summary>Namespace of a queue; null for none, and for streams.</summary>
    public string? Group { get; }

    /// <summary>Number of partitions.</summary>
    public int PartitionCount { get; }

    /// <inheritdoc/>
    public override string ToString() => Group is null
        ? $"{Kind} '{Topic}', {PartitionCount} partitions"
        : $"{Kind} '{Topic}' of group '{Group}', {PartitionCount} partitions";
}

/// <summary>What happened to a channel.</summary>
public enum CatalogueChangeKind
{
    /// <summary>It is there now.</summary>
    Added = 1,

    /// <summary>It is gone.</summary>
    Removed = 2,

    /// <summary>It has another number of partitions.</summary>
    PartitionCountChanged = 3,
}

/// <summary>One difference between two catalogues.</summary>
public sealed class CatalogueChange
{
    internal CatalogueChange(CatalogueChangeKind kind, CatalogueEntry channel)
    {
        Kind = kind;
        Channel = channel;
    }

    /// <summary>What happened.</summary>
    public CatalogueChangeKind Kind { get; }

    /// <summary>The channel as it is now; as it was when it is gone.</summary>
    public CatalogueEntry Channel { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Channel}";
}
