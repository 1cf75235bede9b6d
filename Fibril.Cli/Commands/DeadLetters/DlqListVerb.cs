using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Commands.Queues;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.DeadLetters;

/// <summary>Lists the queues that dead letters go to.</summary>
internal sealed class DlqListVerb : QueryVerb
{
    private static readonly View Targets = new(new Table(
        "dead_letter_queues", "No queue is a target of dead letters. See fibrilctl queue dlq-policy set, and admin global-dlq set.",
        Column.Text("TOPIC", "topic"), Column.Text("GROUP", "group"), Column.Count("READY", "ready_count"), Column.Count("INFLIGHT", "inflight_count"),
        Column.Age("OLDEST", "oldest_ready_ms"), Column.Text("GLOBAL", "is_global"), Column.Text("FROM", "sources")));

    public DlqListVerb(GlobalOptions global, CliContext context) : base("list", "Lists the queues that dead letters go to, and from where.", global, context) =>
        Examples = [new("fibrilctl dlq list", "Which dead-letter queues there are, and what is in them.")];

    protected override View View(ParseResult parse) => Targets;

    protected override async Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken)
    {
        JsonElement target = (await admin.GetAsync(new Route("/admin/api/global-dlq"), cancellationToken)).At("target");
        JsonElement[] queues = [.. (await admin.GetAsync(new Route("/admin/api/queues/list").With("limit", 100_000), cancellationToken)).At("queues").Items()];
        return Find(target, queues);
    }

    /// <summary>Turns policies round: which queues are targets, and of which.</summary>
    internal static JsonElement Find(JsonElement globalTarget, IReadOnlyList<JsonElement> queues)
    {
        string? globalName = globalTarget.IsMissing() ? null : QueueColumns.ChannelOf(globalTarget);
        var sources = new SortedDictionary<string, (JsonElement Target, List<string> From)>(StringComparer.Ordinal);
        if (globalName is not null) sources[globalName] = (globalTarget, []);
        foreach (JsonElement queue in queues)
        {
            JsonElement dlq = queue.At("settings.dlq");
            JsonElement target = dlq.At("policy").Text() == "global" ? globalTarget : dlq.At("target");
            if (target.IsMissing()) continue;
            string name = QueueColumns.ChannelOf(target);
            if (!sources.TryGetValue(name, out (JsonElement Target, List<string> From) entry)) sources[name] = entry = (target, []);
            entry.From.Add(QueueColumns.ChannelOf(queue));
        }

        Dictionary<string, JsonElement> rows = queues.ToDictionary(QueueColumns.ChannelOf);
        var list = new JsonArray();
        foreach ((string name, (JsonElement target, List<string> from)) in sources)
        {
            JsonElement row = rows.GetValueOrDefault(name);
            list.Add((JsonNode)new JsonObject
            {
                ["topic"] = target.At("topic").Text(),
                ["group"] = target.At("group").Text(),
                ["ready_count"] = row.At("ready_count").Number() ?? 0,
                ["inflight_count"] = row.At("inflight_count").Number() ?? 0,
                ["oldest_ready_ms"] = row.At("oldest_ready_ms").Number(),
                ["is_global"] = name == globalName,
                ["sources"] = new JsonArray([.. from.Select(static source => (JsonNode)JsonValue.Create(source))]),
            });
        }

        return AdminJson.Element(new JsonObject { ["dead_letter_queues"] = list });
    }
}
