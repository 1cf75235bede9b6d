using System.Security.Cryptography.X509Certificates;
using Fibril.Dashboard.Hosting;

namespace Fibril.Dashboard.Brokers;

/// <summary>Finds the brokers of a dashboard that runs alone: those that it was told of, those that an app host has handed over, or the one of this machine.</summary>
public static class BrokerDiscovery
{
    private const string AdminEndpoint = "admin";
    private const string DefaultAddress = "http://127.0.0.1:8081";

    /// <param name="options">What was configured.</param>
    /// <param name="configuration">Of the host; an app host writes <c>services:{name}:admin:0</c> there.</param>
    /// <exception cref="InvalidOperationException">A name or an address is none. The message says what to write instead.</exception>
    public static BrokerDirectory Find(StandaloneOptions options, IConfiguration configuration)
    {
        X509Certificate2Collection? authorities = options.LoadAuthorities();
        List<(string Name, string Address)> found = [.. options.Brokers.Select(static pair => (pair.Key, pair.Value))];
        if (found.Count == 0)
        {
            found.AddRange(configuration.GetSection("services").GetChildren().OrderBy(static service => service.Key, StringComparer.Ordinal)
                .Select(static service => (service.Key, Address: service.GetSection(AdminEndpoint).GetChildren().FirstOrDefault()?.Value))
                .Where(static service => service.Address is not null).Select(static service => (service.Key, service.Address!)));
        }

        if (found.Count == 0) found.Add(("local", DefaultAddress));
        return new BrokerDirectory([.. found.Select(broker => EntryOf(broker.Name, broker.Address, authorities))]);
    }

    private static BrokerEntry EntryOf(string name, string address, X509Certificate2Collection? authorities)
    {
        if (name.All(static character => character is '.') || !name.All(static character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.'))
            throw new InvalidOperationException($"Dashboard:Brokers has the name '{name}', which cannot be part of a path. Use letters, digits, '-', '_' and '.', and not dots alone.");
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
            throw new InvalidOperationException($"Dashboard:Brokers:{name} is '{address}', which is no address of an admin listener. Write it as http://host:8081 or https://host:8081.");
        return new BrokerEntry(name, BrokerHttp.Create(uri, authorities: authorities), $"fibril_session_{name}") { BasePath = $"/b/{name}/" };
    }
}
