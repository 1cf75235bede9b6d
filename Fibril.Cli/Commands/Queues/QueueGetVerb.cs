using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Queues;

/// <summary>Shows one queue.</summary>
internal sealed class QueueGetVerb : QueryVerb
{
    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();

    public QueueGetVerb(GlobalOptions global, CliContext context) : base("get", "Shows a queue: its settings, what is in it, and its partitions.", global, context)
    {
        Add(_topic);
        Add(_group);
        Examples =
        [
            new("fibrilctl queue get jobs", "Settings and partitions."),
            new("fibrilctl queue get jobs --group billing -o json | jq .queue.ready_count", "One number, for a script."),
        ];
    }

    protected override View View(ParseResult parse) => QueueColumns.Detail;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) => admin.GetAsync(
        new Route("/admin/api/queues/get").With("topic", parse.GetRequiredValue(_topic)).With("group", parse.GetValue(_group)), cancellationToken);
}
