using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Fibril.Client.Hosting;

/// <summary>Healthy when the broker that serves as the client's home answers.</summary>
internal sealed class FibrilHealthCheck(FibrilClient client) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await client.OpenAsync(cancellationToken).ConfigureAwait(false);
            TimeSpan answeredIn = await client.PingAsync(cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy($"The broker answered in {answeredIn.TotalMilliseconds:0.0} ms.");
        }
        catch (FibrilException failure)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, failure.Message, failure);
        }
    }
}
