namespace Fibril.Dashboard.Brokers;

/// <summary>The brokers that this dashboard shows: the one that it is mounted in, or those that it was told of. Thread-safe.</summary>
public sealed class BrokerDirectory(IReadOnlyList<BrokerEntry> brokers)
{
    public IReadOnlyList<BrokerEntry> All => brokers;

    /// <summary>True when the dashboard lives in the broker that it shows.</summary>
    public bool IsMounted => brokers is [{ BasePath: "/" }];

    /// <summary>The broker whose pages are below a path; null for what belongs to none.</summary>
    public BrokerEntry? FindByPath(string path) => brokers.FirstOrDefault(broker => (path + "/").StartsWith(broker.BasePath, StringComparison.OrdinalIgnoreCase));
}
