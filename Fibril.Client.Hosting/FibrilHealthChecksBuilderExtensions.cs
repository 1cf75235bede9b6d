using Fibril.Client;
using Fibril.Client.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers health checks for clients of Fibril brokers.</summary>
public static class FibrilHealthChecksBuilderExtensions
{
    /// <summary>Adds a check that the broker can be reached and answers. It connects when there is no connection.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="clientKey">Key of the client; null for the one without a key.</param>
    /// <param name="name">Name of the check; null for <c>fibril</c>, followed by the key.</param>
    /// <param name="failureStatus">What it is when the broker does not answer; null for <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">For choosing checks by; null for none.</param>
    /// <param name="timeout">Longest time that the check takes; null for the client's own time limits.</param>
    public static IHealthChecksBuilder AddFibrilClient(
        this IHealthChecksBuilder builder,
        string? clientKey = null,
        string? name = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null) => builder.Add(new HealthCheckRegistration(
            name ?? (clientKey is null ? "fibril" : $"fibril-{clientKey}"),
            provider => new FibrilHealthCheck(
                clientKey is null ? provider.GetRequiredService<FibrilClient>() : provider.GetRequiredKeyedService<FibrilClient>(clientKey)),
            failureStatus,
            tags,
            timeout));
}
