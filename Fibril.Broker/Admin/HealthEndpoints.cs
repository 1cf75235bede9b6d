using Fibril.Broker.Queues;

namespace Fibril.Broker.Admin;

/// <summary>Liveness and readiness, for probes; no login needed .</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", static () => Results.Text("ok"));
        routes.MapGet("/readyz", static (QueueRegistry queues) =>
        {
            OutOfServicePartition[] outOfService = [.. queues.OutOfService];
            return outOfService.Length == 0
                ? Results.Text("ok")
                : Results.Json(new Readiness(Ready: true, Degraded: true, outOfService), HealthJson.Default.Readiness);
        });
    }
}

/// <summary>The body of a degraded readiness answer.</summary>
internal sealed record Readiness(bool Ready, bool Degraded, IReadOnlyList<OutOfServicePartition> Quarantined);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(
    PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.SnakeCaseLower)]
[System.Text.Json.Serialization.JsonSerializable(typeof(Readiness))]
internal sealed partial class HealthJson : System.Text.Json.Serialization.JsonSerializerContext;
