using Fibril.Dashboard.Brokers;
using Microsoft.AspNetCore.Components;

namespace Fibril.Dashboard.Api;

/// <summary>Which broker the pages of this circuit show: that of the path below which they are.</summary>
public sealed class BrokerScope
{
    private readonly Lazy<BrokerEntry> _broker;

    public BrokerScope(BrokerDirectory directory, NavigationManager navigation) => _broker = new Lazy<BrokerEntry>(
        () => directory.FindByPath(new Uri(navigation.BaseUri).AbsolutePath) ?? throw new InvalidOperationException($"No broker has its pages at {navigation.BaseUri}."));

    internal BrokerScope(BrokerEntry broker) => _broker = new Lazy<BrokerEntry>(broker);

    public BrokerEntry Broker => _broker.Value;
}
