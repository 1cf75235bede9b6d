using Fibril.Dashboard.Brokers;
using Microsoft.AspNetCore.Components;

namespace Fibril.Dashboard.Api;

/// <summary>Which broker the pages of this circuit show: that of the path below which they are.</summary>
public sealed class BrokerScope(BrokerDirectory directory, NavigationManager navigation)
{
    private BrokerEntry? _broker;

    public BrokerEntry Broker => _broker ??= directory.FindByPath(new Uri(navigation.BaseUri).AbsolutePath)
        ?? throw new InvalidOperationException($"No broker has its pages at {navigation.BaseUri}.");
}
