using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Messages;

/// <summary>Writes all messages of a queue, a page after the other.</summary>
internal sealed class MessagesExportVerb : Verb
{
    private const int PageSize = 500;

    private readonly MessageSearch _search = new();
    private readonly Option<long?> _from = Inputs.Number("--from", "Offset to begin at, in every partition; default 0.", 0, long.MaxValue);
    private readonly Option<long?> _count = Inputs.Number("--count", "Messages to write at most; default all.", 1, long.MaxValue);
    private readonly Option<string?> _status = Inputs.Text("--status", "state", "Only these: ready, inflight, delayed, pending_dlq or settled; several with commas.");
    private readonly Option<bool> _includeSettled = Inputs.Flag("--include-settled", "Settled messages too, as long as the log still holds them.");

    public MessagesExportVerb(GlobalOptions global, CliContext context)
        : base("export", "Writes the messages of a queue with their payloads, one JSON object a line; changes none of them.", global, context)
    {
        _search.AddTo(this);
        AddOptions(_from, _count, _status, _includeSettled);
        Notes = ["Payloads are in base64 and at most 1 MiB of each; payload_truncated says of which there is more."];
        Examples =
        [
            new("fibrilctl messages export jobs > jobs.ndjson", "Everything that is in it."),
            new("fibrilctl messages export jobs.failed --from 1000 | jq -r '.payload_base64 | @base64d'", "The payloads as text."),
        ];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using var admin = new AdminClient(Global.FindAdmin(parse, Context));
        using Stream output = Context.OpenOutput();
        var printer = new Printer(output, OutputFormat.Ndjson, Context.Time);
        long left = parse.GetValue(_count) ?? long.MaxValue, written = 0;
        foreach (long partition in await _search.PartitionsAsync(parse, admin, cancellationToken))
        {
            for (long? from = parse.GetValue(_from) ?? 0; from is not null && left > 0;)
            {
                JsonElement page = await PageAsync(parse, admin, partition, from.Value, Math.Min(left, PageSize), cancellationToken);
                JsonNode?[] items = [.. page.At("items").Items().Select(item => MessageSearch.Place(item, partition))];
                printer.Print(AdminJson.Element(new JsonObject { ["items"] = new JsonArray(items) }), MessageColumns.List);
                (written, left) = (written + items.Length, left - items.Length);
                from = page.At("has_more").IsTrue() && page.At("next_offset_hint").Number() is { } next && next > from ? next : null;
            }
        }

        talk.Say($"wrote {Amounts.Count(written, "message", "messages")} of {_search.Topic(parse)}");
        return ExitCode.Success;
    }

    private Task<JsonElement> PageAsync(ParseResult parse, AdminClient admin, long partition, long from, long limit, CancellationToken cancellationToken) => _search.PageAsync(
        parse, admin, partition,
        route => route.With("from", from).With("limit", limit).With("status", parse.GetValue(_status)).With("include_settled", parse.GetValue(_includeSettled))
            .With("include_payload", true).With("payload_limit_bytes", MessageBatch.LongestPayload),
        cancellationToken);
}
