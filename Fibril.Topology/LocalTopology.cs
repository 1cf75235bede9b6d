namespace Fibril.Topology;

/// <summary>The nodes of a Fibril on one machine.</summary>
/// <param name="Brokers">At least one.</param>
public sealed record LocalTopology(IReadOnlyList<BrokerNode> Brokers)
{
    /// <summary>Port of the first broker for clients; the one that clients try by default.</summary>
    public const int FirstBrokerPort = 9876;

    /// <summary>Port of the first broker for HTTP.</summary>
    public const int FirstAdminPort = 8081;

    /// <summary>One broker on the default ports.</summary>
    /// <param name="dataRoot">Directory below which each node gets one of its own.</param>
    public static LocalTopology SingleBroker(string dataRoot) =>
        new([new BrokerNode("broker-1", FirstBrokerPort, FirstAdminPort, Path.Combine(dataRoot, "broker-1"))]);
}
