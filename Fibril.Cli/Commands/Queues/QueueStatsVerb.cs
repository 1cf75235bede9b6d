using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Queues;

/// <summary>Shows the numbers of a queue, partition by partition.</summary>
internal sealed class QueueStatsVerb : QueryVerb
{
    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();

    public QueueStatsVerb(GlobalOptions global, CliContext context) : base("stats", "Shows the numbers of a queue, partition by partition.", global, context)
    {
        Add(_topic);
        Add(_group);
        Examples =
        [
            new("fibrilctl queue stats jobs --watch", "Watches it drain."),
            new("fibrilctl queue stats jobs --watch 10s -o ndjson >> jobs.ndjson", "Keeps record of every partition."),
        ];
    }

    protected override View View(ParseResult parse) => new(QueueColumns.Partitions());

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) => admin.GetAsync(
        new Route("/admin/api/queues/get").With("topic", parse.GetRequiredValue(_topic)).With("group", parse.GetValue(_group)), cancellationToken);
}
