using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Commands.Messages;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Queues;

/// <summary>Looks at the next messages of a queue, without taking them.</summary>
internal sealed class QueuePeekVerb : QueryVerb
{
    private const int DefaultCount = 10;

    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();
    private readonly Option<long?> _partition = Inputs.Number("--partition", "Partition to look into; default 0.", 0, int.MaxValue);
    private readonly Option<long?> _count = Inputs.Number("--count", $"Messages to look at; default {DefaultCount}.", 1, 500);

    public QueuePeekVerb(GlobalOptions global, CliContext context) : base("peek", "Looks at the ready messages of a queue without taking them.", global, context)
    {
        Add(_topic);
        Add(_group, _partition, _count);
        Notes = ["Other than consume --no-ack it takes no lease, so consumers do not notice it. For other states see fibrilctl messages inspect."];
        Examples =
        [
            new("fibrilctl queue peek jobs", "The first ten."),
            new("fibrilctl queue peek jobs --partition 2 --count 1 -o json", "One, with all that is known of it."),
        ];
    }

    protected override View View(ParseResult parse) => MessageColumns.List;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) => admin.GetAsync(
        new Route("/admin/api/messages").With("topic", parse.GetRequiredValue(_topic)).With("group", parse.GetValue(_group)).With("partition", parse.GetValue(_partition))
            .With("limit", parse.GetValue(_count) ?? DefaultCount).With("status", "ready").With("include_payload", true).With("payload_limit_bytes", MessageColumns.PreviewBytes),
        cancellationToken);
}
