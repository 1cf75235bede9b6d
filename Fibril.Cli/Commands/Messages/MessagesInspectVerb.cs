using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Messages;

/// <summary><c>messages inspect</c> looks into all partitions; the older <c>admin messages</c> into one, and prints the answer as it comes.</summary>
internal sealed class MessagesInspectVerb : QueryVerb
{
    private const int DefaultLimit = 50;

    private readonly bool _isRaw;
    private readonly MessagePlace _place = new();
    private readonly MessageSearch _search = new();
    private readonly Option<long?> _from = Inputs.Number("--from", "Offset to begin at, in every partition; default 0.", 0, long.MaxValue);
    private readonly Option<long?> _limit = Inputs.Number("--limit", $"Messages to list at most; default {DefaultLimit}.", 1, 5000);
    private readonly Option<string?> _status = Inputs.Text("--status", "state", "Only these: ready, inflight, delayed, pending_dlq or settled; several with commas.");
    private readonly Option<bool> _includeSettled = Inputs.Flag("--include-settled", "Lists settled messages too, as long as the log still holds them.");
    private readonly Option<bool> _includePayload = Inputs.Flag("--include-payload", "Lists payloads too.");
    private readonly Option<long?> _payloadLimit = Inputs.Number("--payload-limit-bytes", "How much of each payload at most.", 1, int.MaxValue);

    public MessagesInspectVerb(bool isRaw, GlobalOptions global, CliContext context)
        : base(isRaw ? "messages" : "inspect", "Lists messages of a queue and their states; changes none of them.", global, context, isRaw ? OutputFormat.Json : null)
    {
        _isRaw = isRaw;
        if (isRaw) _place.AddTo(this);
        else _search.AddTo(this);
        AddOptions(_from, _limit, _status, _includeSettled, _includePayload, _payloadLimit);
        string path = isRaw ? "admin messages" : "messages inspect";
        Examples =
        [
            new($"fibrilctl {path} jobs --status inflight", "What consumers hold."),
            new($"fibrilctl {path} jobs --partition 1 --from 5000 --limit 20 --include-payload", "Twenty from one offset on, with payloads."),
        ];
    }

    protected override View View(ParseResult parse) => MessageColumns.List;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) => _isRaw
        ? admin.GetAsync(Query(parse, _place.Apply(parse, new Route("/admin/api/messages"))).With("limit", parse.GetValue(_limit)), cancellationToken)
        : _search.FindAsync(parse, admin, parse.GetValue(_limit) ?? DefaultLimit, route => Query(parse, route), cancellationToken);

    private Route Query(ParseResult parse, Route route) => route
        .With("from", parse.GetValue(_from)).With("status", parse.GetValue(_status)).With("include_settled", parse.GetValue(_includeSettled))
        .With("include_payload", parse.GetValue(_includePayload)).With("payload_limit_bytes", parse.GetValue(_payloadLimit));
}
