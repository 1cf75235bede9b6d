namespace Fibril.Topology;

/// <summary>One broker of a local topology.</summary>
/// <param name="Name">Name of the node, unique in the topology: <c>broker-1</c>.</param>
/// <param name="BrokerPort">TCP port for clients; the port it listens on is the one it is reached by.</param>
/// <param name="AdminPort">HTTP port of health and admin.</param>
/// <param name="DataDirectory">Where it keeps its data; its own.</param>
public sealed record BrokerNode(string Name, int BrokerPort, int AdminPort, string DataDirectory)
{
    /// <summary>Path that answers 200 when the broker takes traffic.</summary>
    public const string ReadyPath = "/readyz";

    /// <summary>The variables that make a broker process this node.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["FIBRIL_DATA_DIR"] = DataDirectory,
        ["FIBRIL_BROKER_BIND"] = $"127.0.0.1:{BrokerPort}",
        ["FIBRIL_ADMIN_BIND"] = $"127.0.0.1:{AdminPort}",
    };
}
