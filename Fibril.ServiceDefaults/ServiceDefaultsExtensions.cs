using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Fibril.ServiceDefaults;

/// <summary>What every Fibril service starts with, run alone or by an app host.</summary>
public static class ServiceDefaultsExtensions
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>
    /// Adds health checks, service discovery and resilient HTTP clients, and, when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, exports
    /// logs, metrics and traces there. Without the variable nothing is collected, and nothing is paid for it.
    /// </summary>
    /// <param name="builder">The host that is being built.</param>
    /// <param name="sources">Names of the meters and sources of activities that are exported.</param>
    public static IHostApplicationBuilder AddServiceDefaults(this IHostApplicationBuilder builder, params string[] sources)
    {
        builder.Services.AddHealthChecks();
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(static http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });

        if (!string.IsNullOrWhiteSpace(builder.Configuration[OtlpEndpoint])) AddTelemetry(builder, sources);
        return builder;
    }

    private static void AddTelemetry(IHostApplicationBuilder builder, string[] sources)
    {
        builder.Logging.AddOpenTelemetry(static logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddMeter(sources))
            .WithTracing(tracing => tracing.AddSource(sources).AddAspNetCoreInstrumentation())
            .UseOtlpExporter();
    }
}
