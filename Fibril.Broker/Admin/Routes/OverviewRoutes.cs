using System.Text;
using System.Text.Json;
using Fibril.Broker.Admin.Attention;
using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Queues;
using Fibril.Broker.Statistics;
using Fibril.Broker.Statistics.History;

namespace Fibril.Broker.Admin.Routes;

/// <summary>The broker at a glance, over time, and what was done to it (admin-api 6).</summary>
internal sealed class OverviewRoutes(BrokerStatistics statistics, QueueRegistry queues, AttentionWatch attention, AuditTrail audit) : IApiModule
{
    private static readonly QueryParameter<string?> Kind = Query.Text("kind", "Entries of this kind only.");
    private static readonly QueryParameter<string?> Severity = Query.OneOf("severity", "Entries of this severity only.", "info", "warning", "critical");
    private static readonly QueryParameter<string?> Subject = Query.Text("subject", "Entries whose subject contains this text.");
    private static readonly QueryParameter<string?> Actor = Query.Text("actor", "Entries of this actor only.");
    private static readonly QueryParameter<long?> FromMs = Query.OptionalNumber("from_ms", "Entries of this time or later, in Unix milliseconds.", 0, long.MaxValue);
    private static readonly QueryParameter<long?> ToMs = Query.OptionalNumber("to_ms", "Entries of before this time, in Unix milliseconds.", 0, long.MaxValue);
    private static readonly QueryParameter<long> Limit = Query.Number("limit", "Most entries.", 1, AuditTrail.MostKept, 512);

    public void Map(ApiRoutes routes)
    {
        routes.Get("/admin/api/overview", "Counters, rates and durations of the broker.", _ => Overview());
        routes.Get("/admin/api/history", "How the broker did: half an hour every 5 s, a day every minute, or a month every 15 minutes.", request => History(HistoryArguments.Of(request, queues)))
            .With(HistoryArguments.All).May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.UnknownQueue);
        routes.Get("/admin/api/attention", "What an operator should look at; critical first.", request => attention.LookAsync(request.Aborted));
        routes.Get("/admin/api/audit", "Who has done what, and what the broker has noticed; the newest first.", request => new AuditView([.. Find(request)]))
            .With(Kind, Severity, Subject, Actor, FromMs, ToMs, Limit);
        routes.Get("/admin/api/audit/export", "The same as lines of JSON, the oldest first.", ExportAsync, Access.Administer)
            .With(Kind, Severity, Subject, Actor, FromMs, ToMs, Limit).Sends("application/x-ndjson");
    }

    public OverviewView Overview() => OverviewView.Of(statistics.Read(), statistics.Storage, queues.Cleanup);

    public HistoryView History(HistoryQuery query) => HistoryView.Of(statistics.ReadHistory(query));

    public AuditView Audit() => new([.. audit.Newest.Take(512)]);

    private IEnumerable<AuditEntry> Find(ApiRequest request)
    {
        (string? kind, string? severity, string? subject, string? actor) = (request.Get(Kind), request.Get(Severity), request.Get(Subject), request.Get(Actor));
        (long? from, long? to) = (request.Get(FromMs), request.Get(ToMs));
        return audit.Newest.Where(entry =>
                (kind is null || entry.Kind == kind)
                && (severity is null || entry.Severity.ToString().Equals(severity, StringComparison.OrdinalIgnoreCase))
                && (subject is null || entry.Subject.Contains(subject, StringComparison.OrdinalIgnoreCase))
                && (actor is null || entry.Actor == actor)
                && (from is null || entry.AtMs >= from)
                && (to is null || entry.AtMs < to))
            .Take((int)request.Get(Limit));
    }

    private async Task<object?> ExportAsync(ApiRequest request)
    {
        AuditEntry[] found = [.. Find(request).Reverse()]; // before the answer begins: it cannot be taken back when a parameter is refused
        HttpResponse response = request.Context.Response;
        response.ContentType = "application/x-ndjson";
        await response.StartAsync(request.Aborted);
        foreach (AuditEntry entry in found)
            await response.WriteAsync(JsonSerializer.Serialize(entry, ApiJson.Options) + "\n", Encoding.UTF8, request.Aborted);
        return null;
    }
}
