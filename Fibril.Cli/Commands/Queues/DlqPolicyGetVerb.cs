using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Queues;

/// <summary>Shows what becomes of messages that fail for good.</summary>
internal sealed class DlqPolicyGetVerb : QueryVerb
{
    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();

    public DlqPolicyGetVerb(GlobalOptions global, CliContext context) : base("get", "Shows where dead letters of a queue go.", global, context)
    {
        Add(_topic);
        Add(_group);
        Examples = [new("fibrilctl queue dlq-policy get jobs", "Policy, target, and retries before it.")];
    }

    protected override View View(ParseResult parse) => new(new Sheet(
        null, "", Column.Text("Policy", "dlq.policy"), Column.Made("Target", "dlq.target", QueueColumns.ChannelOf), Column.Count("Max retries", "max_retries")));

    protected override async Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken)
    {
        JsonElement queue = await admin.GetAsync(
            new Route("/admin/api/queues/get").With("topic", parse.GetRequiredValue(_topic)).With("group", parse.GetValue(_group)), cancellationToken);
        return queue.At("queue.settings");
    }
}
