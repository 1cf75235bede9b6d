using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Messages;

/// <summary>Finds messages by what is in them; the broker looks a piece at a time, and this goes on until enough is found.</summary>
internal sealed class MessagesSearchVerb : QueryVerb
{
    private const int DefaultLimit = 50;
    private const int MostPerPiece = 500;

    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();
    private readonly Option<long?> _partition = Inputs.Number("--partition", "This partition only; default all.", 0, int.MaxValue);
    private readonly Option<string?> _header = Inputs.Text("--header", "key=value", "Only messages with this header.");
    private readonly Option<string?> _key = Inputs.Text("--key", "value", "Only messages with a header of this value, whatever its key.");
    private readonly Option<string?> _text = Inputs.Text("--text", "text", "Only messages with this text in the first 64 KiB of the payload.");
    private readonly Option<Moment?> _from = Inputs.Time("--from-time", $"Only messages received since then: {Moment.Forms}.");
    private readonly Option<Moment?> _to = Inputs.Time("--to-time", "Only messages received before then.");
    private readonly Option<string?> _status = Inputs.Text("--status", "state", "Only these: ready, inflight, delayed, pending_dlq or settled; several with commas. Default all.");
    private readonly Option<long?> _limit = Inputs.Number("--limit", $"Messages to find at most; default {DefaultLimit}.", 1, 100_000);
    private readonly Option<long?> _scan = Inputs.Number("--scan", "Messages to look at, at least, before it gives up; default all.", 1, long.MaxValue);
    private readonly Option<string?> _cursor = Inputs.Text("--cursor", "cursor", "Goes on where a search that has given up has ended.");
    private readonly Option<bool> _includePayload = Inputs.Flag("--include-payload", "Lists payloads too.");

    public MessagesSearchVerb(GlobalOptions global, CliContext context) : base("search", "Finds messages of a queue, or records of a stream, by what is in them.", global, context)
    {
        Add(_topic);
        AddOptions(_group, _partition, _header, _key, _text, _from, _to, _status, _limit, _scan, _cursor, _includePayload);
        Notes = ["A partition key is not kept with a message: it is found when it was sent as a header, too."];
        Examples =
        [
            new("fibrilctl messages search jobs --header order=4711", "By a header."),
            new("fibrilctl messages search jobs --text 'Ann Smith' --from-time 2h --include-payload", "By a text in the payload, among the newer ones."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        if (parse.GetValue(_header) is { } header && header.IndexOf('=', StringComparison.Ordinal) < 1) faults.Add($"--header: '{header}' is not key=value.");
    }

    protected override View View(ParseResult parse) => MessageColumns.Found;

    protected override async Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken)
    {
        long limit = parse.GetValue(_limit) ?? DefaultLimit;
        long? from = parse.GetValue(_from)?.ToUnixMilliseconds(Context.Time), to = parse.GetValue(_to)?.ToUnixMilliseconds(Context.Time);
        string? cursor = parse.GetValue(_cursor);
        var items = new JsonArray();
        long scanned = 0;
        while (true)
        {
            JsonElement piece = await admin.GetAsync(
                new Route("/admin/api/messages/search").With("topic", parse.GetRequiredValue(_topic)).With("group", parse.GetValue(_group)).With("partition", parse.GetValue(_partition))
                    .With("header", parse.GetValue(_header)).With("key", parse.GetValue(_key)).With("text", parse.GetValue(_text)).With("from_ms", from).With("to_ms", to)
                    .With("status", parse.GetValue(_status)).With("limit", Math.Min(limit - items.Count, MostPerPiece)).With("cursor", cursor)
                    .With("include_payload", parse.GetValue(_includePayload)),
                cancellationToken);
            foreach (JsonElement item in piece.At("items").Items()) items.Add(JsonNode.Parse(item.GetRawText()));
            scanned += piece.At("scanned").Number() ?? 0;
            cursor = piece.At("cursor").Text();
            if (cursor is not null && items.Count < limit && scanned < (parse.GetValue(_scan) ?? long.MaxValue)) continue;
            return AdminJson.With(piece, ("limit", limit), ("scanned", scanned), ("items", items));
        }
    }
}
