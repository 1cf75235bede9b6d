using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Commands.Messages;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Streams;

/// <summary>Lists records of one partition over the admin API: nobody's place moves, and no consumer is seen.</summary>
internal sealed class StreamInspectVerb : QueryVerb
{
    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<long?> _partition = Inputs.Number("--partition", "Partition of the records; default 0.", 0, int.MaxValue);
    private readonly Option<long?> _from = Inputs.Number("--from", "Offset to begin at; default the oldest that is kept.", 0, long.MaxValue);
    private readonly Option<long?> _limit = Inputs.Number("--limit", "Records to list at most; default 50.", 1, 500);
    private readonly Option<bool> _includePayload = Inputs.Flag("--include-payload", "Lists payloads too.");

    public StreamInspectVerb(GlobalOptions global, CliContext context) : base("inspect", "Lists records of a partition of a stream.", global, context)
    {
        Add(_topic);
        AddOptions(_partition, _from, _limit, _includePayload);
        Examples = [new("fibrilctl stream inspect ticks --from 5000 --limit 20 --include-payload", "Twenty from one offset on, with payloads.")];
    }

    protected override View View(ParseResult parse) => MessageColumns.Found;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) => admin.GetAsync(
        new Route("/admin/api/streams/records").With("topic", parse.GetRequiredValue(_topic)).With("partition", parse.GetValue(_partition)).With("from", parse.GetValue(_from))
            .With("limit", parse.GetValue(_limit)).With("include_payload", parse.GetValue(_includePayload)),
        cancellationToken);
}
