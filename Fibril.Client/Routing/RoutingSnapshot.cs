namespace Fibril.Client;

/// <summary>What a client routes by at one moment: for diagnostics, and for people. Immutable.</summary>
public sealed class RoutingSnapshot
{
    internal RoutingSnapshot(long generation, IReadOnlyList<RoutedChannel> channels, IReadOnlyList<RoutedBroker> brokers)
    {
        Generation = generation;
        Channels = channels;
        Brokers = brokers;
    }

    /// <summary>Number of the topology; it grows with every change of the cluster.</summary>
    public long Generation { get; }

    /// <summary>Every channel that is known, in no order.</summary>
    public IReadOnlyList<RoutedChannel> Channels { get; }

    /// <summary>Every broker that this client has needed.</summary>
    public IReadOnlyList<RoutedBroker> Brokers { get; }
}

/// <summary>Where one channel is.</summary>
public sealed class RoutedChannel
{
    internal RoutedChannel(ChannelKind kind, string topic, string? group, long partitioningVersion, IReadOnlyList<string?> owners)
    {
        Kind = kind;
        Topic = topic;
        Group = group;
        PartitioningVersion = partitioningVersion;
        Owners = owners;
    }

    /// <summary>Queue or stream.</summary>
    public ChannelKind Kind { get; }

    /// <summary>Its topic.</summary>
    public string Topic { get; }

    /// <summary>Namespace of a queue; null for none, and for streams.</summary>
    public string? Group { get; }

    /// <summary>Grows with every repartition.</summary>
    public long PartitioningVersion { get; }

    /// <summary>By partition: the owner as <c>host:port</c>; null when nobody said, which means the broker at home.</summary>
    public IReadOnlyList<string?> Owners { get; }
}

/// <summary>What the client has with one broker.</summary>
public sealed class RoutedBroker
{
    internal RoutedBroker(string endpoint, bool isHome, bool isConnected, int incarnation)
    {
        Endpoint = endpoint;
        IsHome = isHome;
        IsConnected = isConnected;
        Incarnation = incarnation;
    }

    /// <summary>The broker, as <c>host:port</c>.</summary>
    public string Endpoint { get; }

    /// <summary>True for the broker that serves whatever has no owner.</summary>
    public bool IsHome { get; }

    /// <summary>True while there is a connection.</summary>
    public bool IsConnected { get; }

    /// <summary>How many sessions there were: 1 for the first, and one more for each that was not resumed.</summary>
    public int Incarnation { get; }
}
