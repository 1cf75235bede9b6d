using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Messages;

/// <summary>Writes all messages of a partition, a page after the other.</summary>
internal sealed class MessagesExportVerb : Verb
{
    private const int PageSize = 500;

    private readonly MessagePlace _place = new();
    private readonly Option<long?> _from = Inputs.Number("--from", "Offset to begin at; default 0.", 0, long.MaxValue);
    private readonly Option<long?> _count = Inputs.Number("--count", "Messages to write at most; default all.", 1, long.MaxValue);
    private readonly Option<string?> _status = Inputs.Text("--status", "state", "Only these: ready, inflight, delayed, pending_dlq or settled; several with commas.");
    private readonly Option<bool> _includeSettled = Inputs.Flag("--include-settled", "Settled messages too, as long as the log still holds them.");

    public MessagesExportVerb(GlobalOptions global, CliContext context)
        : base("export", "Writes the messages of a partition with their payloads, one JSON object a line; changes none of them.", global, context)
    {
        _place.AddTo(this);
        foreach (Option option in (ReadOnlySpan<Option>)[_from, _count, _status, _includeSettled]) Add(option);
        Notes = ["Payloads are in base64 and at most 1 MiB of each; payload_truncated says of which there is more."];
        Examples =
        [
            new("fibrilctl messages export jobs > jobs.ndjson", "What is in partition 0."),
            new("fibrilctl messages export jobs.failed --from 1000 | jq -r '.payload_base64 | @base64d'", "The payloads as text."),
        ];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using var admin = new AdminClient(Global.FindAdmin(parse, Context));
        using Stream output = Context.OpenOutput();
        var printer = new Printer(output, OutputFormat.Ndjson, Context.Time);
        long from = parse.GetValue(_from) ?? 0, left = parse.GetValue(_count) ?? long.MaxValue, written = 0;
        while (left > 0)
        {
            JsonElement page = await admin.GetAsync(
                _place.Apply(parse, new Route("/admin/api/messages")).With("from", from).With("limit", Math.Min(left, PageSize)).With("status", parse.GetValue(_status))
                    .With("include_settled", parse.GetValue(_includeSettled)).With("include_payload", true).With("payload_limit_bytes", MessageBatch.LongestPayload),
                cancellationToken);
            printer.Print(page, MessageColumns.List);
            int count = page.At("items").Items().Count();
            (written, left) = (written + count, left - count);
            if (!page.At("has_more").IsTrue() || page.At("next_offset_hint").Number() is not { } next || next <= from) break;
            from = next;
        }

        talk.Say($"wrote {Amounts.Count(written, "message", "messages")} of {_place.Topic(parse)} partition {_place.Partition(parse)}");
        return ExitCode.Success;
    }
}
