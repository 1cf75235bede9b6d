using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Messages;

/// <summary>Lists the messages of a partition. Stands among the message commands, and as <c>admin messages</c>, which prints JSON.</summary>
internal sealed class MessagesInspectVerb : QueryVerb
{
    private readonly MessagePlace _place = new();
    private readonly Option<long?> _from = Inputs.Number("--from", "Offset to begin at; default 0.", 0, long.MaxValue);
    private readonly Option<long?> _limit = Inputs.Number("--limit", "Messages to list at most; the broker's default and bound apply.", 1, 100_000);
    private readonly Option<string?> _status = Inputs.Text("--status", "state", "Only these: ready, inflight, delayed, pending_dlq or settled; several with commas.");
    private readonly Option<bool> _includeSettled = Inputs.Flag("--include-settled", "Lists settled messages too, as long as the log still holds them.");
    private readonly Option<bool> _includePayload = Inputs.Flag("--include-payload", "Lists payloads too.");
    private readonly Option<long?> _payloadLimit = Inputs.Number("--payload-limit-bytes", "How much of each payload at most.", 1, int.MaxValue);

    public MessagesInspectVerb(string name, GlobalOptions global, CliContext context, OutputFormat? usual = null)
        : base(name, "Lists the messages of a partition and their states; changes none of them.", global, context, usual)
    {
        _place.AddTo(this);
        Add(_from, _limit, _status, _includeSettled, _includePayload, _payloadLimit);
        string path = usual is null ? "messages inspect" : "admin messages";
        Examples =
        [
            new($"fibrilctl {path} jobs --status inflight", "What consumers hold."),
            new($"fibrilctl {path} jobs --partition 1 --from 5000 --limit 20 --include-payload", "Twenty from one offset on, with payloads."),
        ];
    }

    protected override View View(ParseResult parse) => MessageColumns.List;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) => admin.GetAsync(
        _place.Apply(parse, new Route("/admin/api/messages")).With("from", parse.GetValue(_from)).With("limit", parse.GetValue(_limit)).With("status", parse.GetValue(_status))
            .With("include_settled", parse.GetValue(_includeSettled)).With("include_payload", parse.GetValue(_includePayload))
            .With("payload_limit_bytes", parse.GetValue(_payloadLimit)),
        cancellationToken);
}
