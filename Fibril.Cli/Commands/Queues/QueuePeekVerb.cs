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

    private readonly MessageSearch _search = new();
    private readonly Option<long?> _count = Inputs.Number("--count", $"Messages to look at; default {DefaultCount}.", 1, 500);

    public QueuePeekVerb(GlobalOptions global, CliContext context) : base("peek", "Looks at the ready messages of a queue without taking them.", global, context)
    {
        _search.AddTo(this);
        Add(_count);
        Notes = ["Other than consume --no-ack it takes no lease, so consumers do not notice it. For other states see fibrilctl messages inspect."];
        Examples =
        [
            new("fibrilctl queue peek jobs", "The first ten."),
            new("fibrilctl queue peek jobs --partition 2 --count 1 -o json", "One, with all that is known of it."),
        ];
    }

    protected override View View(ParseResult parse) => MessageColumns.List;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) => _search.FindAsync(
        parse, admin, parse.GetValue(_count) ?? DefaultCount,
        static route => route.With("status", "ready").With("include_payload", true).With("payload_limit_bytes", MessageColumns.PreviewBytes), cancellationToken);
}
