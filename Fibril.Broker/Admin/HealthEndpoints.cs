using Fibril.Broker.Channels;
using Fibril.Broker.Queues;
using Fibril.Broker.Streams;

namespace Fibril.Broker.Admin;

/// <summary>Liveness and readiness, for probes; no login needed .</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", static () => Results.Text("ok"));
        routes.MapGet("/readyz", static (QueueRegistry queues, StreamRegistry streams) =>
        {
            OutOfServicePartition[] outOfService = [.. queues.OutOfService, .. streams.OutOfService];
            if (outOfService.Length == 0) return Results.Text("ok");
            bool isReady = queues.IsReady && streams.IsReady;
            return Results.Json(
                new Readiness(isReady, Degraded: true, outOfService), HealthJson.Default.Readiness,
                statusCode: isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }
}

/// <summary>The body of a degraded readiness answer.</summary>
internal sealed record Readiness(bool Ready, bool Degraded, IReadOnlyList<OutOfServicePartition> Quarantined);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(
    PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.SnakeCaseLower)]
[System.Text.Json.Serialization.JsonSerializable(typeof(Readiness))]
internal sealed partial class HealthJson : System.Text.Json.Serialization.JsonSerializerContext;
