using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Operations;

/// <summary>What <c>/healthz</c> and <c>/readyz</c> say, as one document.</summary>
internal static class Readiness
{
    public static View View { get; } = new(
        new Sheet(null, "", Column.Text("Alive", "alive"), Column.Text("Ready", "ready"), Column.Text("Degraded", "degraded")),
        new Table("checks", "", Column.Text("CHECK", "name"), Column.Text("OK", "ok"), Column.Text("DETAIL", "detail")),
        new Table(
            "quarantined", "", Column.Text("QUARANTINED", "topic"), Column.Count("PARTITION", "partition"), Column.Text("GROUP", "group"), Column.Text("REASON", "reason")));

    /// <exception cref="CliException">Nothing answers there.</exception>
    public static async Task<JsonElement> AskAsync(AdminClient admin, CancellationToken cancellationToken)
    {
        AdminAnswer alive = await admin.SendAsync(HttpMethod.Get, new Route("/healthz"), null, cancellationToken);
        AdminAnswer ready = await admin.SendAsync(HttpMethod.Get, new Route("/readyz"), null, cancellationToken);
        if (alive.Status is >= System.Net.HttpStatusCode.Ambiguous and < System.Net.HttpStatusCode.BadRequest) throw AdminFailure.Of(alive, admin.Address);
        bool isObject = ready.Body is [(byte)'{', ..];
        JsonObject document = isObject ? (JsonObject)JsonNode.Parse(ready.Body)! : [];
        document["alive"] = alive.IsSuccess;
        document["ready"] ??= ready.IsSuccess;
        return AdminJson.Element(document);
    }

    public static bool IsReady(JsonElement document) => document.At("alive").IsTrue() && document.At("ready").IsTrue();
}
