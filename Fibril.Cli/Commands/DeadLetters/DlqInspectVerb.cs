using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Commands.Messages;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.DeadLetters;

/// <summary>Lists dead letters with where they come from and why.</summary>
internal sealed class DlqInspectVerb : QueryVerb
{
    private const int DefaultLimit = 50;

    private readonly MessageSearch _search = new();
    private readonly Option<long?> _from = Inputs.Number("--from", "Offset to begin at, in every partition; default 0.", 0, long.MaxValue);
    private readonly Option<long?> _limit = Inputs.Number("--limit", $"Dead letters to list at most; default {DefaultLimit}.", 1, 5000);

    public DlqInspectVerb(GlobalOptions global, CliContext context) : base("inspect", "Lists the dead letters of a queue: where from, why, since when.", global, context)
    {
        _search.AddTo(this);
        AddOptions(_from, _limit);
        Examples =
        [
            new("fibrilctl dlq inspect jobs.failed", "What has failed."),
            new("fibrilctl dlq inspect jobs.failed -o json | jq '.items[].headers.extra'", "With all headers."),
        ];
    }

    protected override View View(ParseResult parse) => MessageColumns.DeadLetters;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) => _search.FindAsync(
        parse, admin, parse.GetValue(_limit) ?? DefaultLimit,
        route => route.With("from", parse.GetValue(_from)).With("include_payload", true).With("payload_limit_bytes", MessageColumns.PreviewBytes), cancellationToken);
}
