using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Messages;

/// <summary>Looks for messages in one partition of a queue, or in all of them, and says of each where it is.</summary>
internal sealed class MessageSearch
{
    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();
    private readonly Option<long?> _partition = Inputs.Number("--partition", "This partition only; default all.", 0, int.MaxValue);

    public void AddTo(Command command)
    {
        command.Add(_topic);
        command.Add(_group);
        command.Add(_partition);
    }

    public string Topic(ParseResult parse) => parse.GetRequiredValue(_topic);

    /// <summary>The partitions to look into.</summary>
    /// <exception cref="CliException">There is no such queue.</exception>
    public async Task<IEnumerable<long>> PartitionsAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken)
    {
        if (parse.GetValue(_partition) is { } partition) return [partition];
        JsonElement queue = await admin.GetAsync(new Route("/admin/api/queues/get").With("topic", Topic(parse)).With("group", parse.GetValue(_group)), cancellationToken);
        return Enumerable.Range(0, (int)(queue.At("queue.partition_count").Number() ?? 1)).Select(static index => (long)index);
    }

    public Task<JsonElement> PageAsync(ParseResult parse, AdminClient admin, long partition, Func<Route, Route> query, CancellationToken cancellationToken) => admin.GetAsync(
        query(new Route("/admin/api/messages").With("topic", Topic(parse)).With("group", parse.GetValue(_group)).With("partition", partition)), cancellationToken);

    /// <summary>One page of each partition, put together.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="admin">Whom to ask.</param>
    /// <param name="limit">Most messages in all.</param>
    /// <param name="query">Adds what is asked for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A document with <c>partitions</c>, which say how to go on, and <c>items</c>.</returns>
    public async Task<JsonElement> FindAsync(ParseResult parse, AdminClient admin, long limit, Func<Route, Route> query, CancellationToken cancellationToken)
    {
        var items = new JsonArray();
        var partitions = new JsonArray();
        foreach (long partition in await PartitionsAsync(parse, admin, cancellationToken))
        {
            if (items.Count >= limit) break;
            JsonElement page = await PageAsync(parse, admin, partition, route => query(route).With("limit", limit - items.Count), cancellationToken);
            foreach (JsonElement item in page.At("items").Items()) items.Add((JsonNode)Place(item, partition));
            partitions.Add((JsonNode)new JsonObject
            {
                ["partition"] = partition,
                ["next_offset_hint"] = page.At("next_offset_hint").Number(),
                ["end_offset"] = page.At("end_offset").Number(),
                ["has_more"] = page.At("has_more").IsTrue(),
            });
        }

        return AdminJson.Element(new JsonObject { ["partitions"] = partitions, ["items"] = items });
    }

    /// <summary>A message with its partition in front.</summary>
    public static JsonObject Place(JsonElement item, long partition)
    {
        var placed = new JsonObject { ["partition"] = partition };
        foreach (JsonProperty property in item.EnumerateObject()) placed[property.Name] = JsonNode.Parse(property.Value.GetRawText());
        return placed;
    }
}
