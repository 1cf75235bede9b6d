using Fibril.Broker.Queues;
using Fibril.Broker.Sessions.Transport;
using Fibril.Broker.Streams;

namespace Fibril.Broker.Admin.Health;

/// <summary>Liveness and readiness, for probes; no login needed .</summary>
internal static class HealthEndpoints
{
    /// <summary>Answers without a login, and tells those more who have one.</summary>
    public const string ReadyPath = "/readyz";

    private const string Verbose = "verbose";

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", static () => Results.Text("ok"));
        routes.MapGet("/livez", static () => Results.Text("ok"));
        routes.MapGet(ReadyPath, static (HttpContext context, QueueRegistry queues, StreamRegistry streams, BoundAddress bound, Drain drain, AdminOptions options) =>
        {
            bool showsNames = options.HealthVerbosePublic || context.Features.Get<Caller>() is { Access: >= Access.View };
            Readiness readiness = Readiness.Judge(HealthFacts.Of(queues, streams, bound, drain), showsNames, IsVerbose(context.Request.Query));
            if (readiness is { Degraded: false, Checks: null }) return Results.Text("ok");
            return Results.Json(
                readiness, HealthJson.Default.Readiness, statusCode: readiness.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }

    private static bool IsVerbose(IQueryCollection query) =>
        query.TryGetValue(Verbose, out var value) && !string.Equals(value.ToString(), "false", StringComparison.OrdinalIgnoreCase);
}
