using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Operations;

/// <summary>Shows who has done what.</summary>
internal sealed class AuditVerb : AdminVerb
{
    private const int DefaultLimit = 50;

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private static readonly View Entries = new(new Table(
        "entries", "Nothing was recorded.",
        Column.Time("WHEN", "at_ms"), Column.Text("SEVERITY", "severity"), Column.Text("ACTOR", "actor"), Column.Text("KIND", "kind"), Column.Text("SUBJECT", "subject"),
        Column.Text("FROM", "source_ip").Extra, Column.Text("REQUEST", "request_id").Extra, Column.Text("DETAIL", "detail")));

    /// <summary>Entries come one by one, so columns have no width.</summary>
    private static readonly View Followed = new(new EntryLines());

    private readonly Option<bool> _follow = Inputs.Flag("--follow", "Goes on as entries come, until interrupted.");
    private readonly Option<long?> _limit = Inputs.Number("--limit", $"Entries at most, the newest first; default {DefaultLimit}.", 1, 4096);
    private readonly Option<string?> _kind = Inputs.Text("--kind", "name", "Only entries of this kind, such as queue_deleted.");
    private readonly Option<string?> _severity = Inputs.Choice("--severity", "Only entries of this severity.", "info", "warning", "critical");
    private readonly Option<string?> _subject = Inputs.Text("--subject", "text", "Only entries whose subject contains this.");
    private readonly Option<string?> _actor = Inputs.Text("--actor", "user", "Only what this user did.");
    private readonly Option<Moment?> _from = Inputs.Time("--from-time", $"Only entries since then: {Moment.Forms}.");
    private readonly Option<Moment?> _to = Inputs.Time("--to-time", "Only entries before then.");

    public AuditVerb(GlobalOptions global, CliContext context) : base("audit", "Shows who has done what, and what the broker has noticed.", global, context)
    {
        AddOptions(_follow, _limit, _kind, _severity, _subject, _actor, _from, _to);
        Examples =
        [
            new("fibrilctl audit --from-time 1h --severity warning", "What changed within the hour."),
            new("fibrilctl audit --follow", "As it happens."),
            new("fibrilctl audit --kind queue_deleted -o csv", "All deletions that are still on record."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        if (parse.GetValue(_follow) && parse.GetResult(_to) is not null) faults.Add("--follow and --to-time exclude each other.");
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        long? from = parse.GetValue(_from)?.ToUnixMilliseconds(Context.Time);
        JsonElement answer = await AskAsync(parse, admin, from, parse.GetValue(_limit) ?? DefaultLimit, cancellationToken);
        if (!parse.GetValue(_follow))
        {
            Print(parse, answer, Entries);
            return ExitCode.Success;
        }

        using Stream output = Context.OpenOutput();
        OutputFormat format = FormatOf(parse);
        var printer = new Printer(output, format == OutputFormat.Json ? OutputFormat.Ndjson : format, Context.Time);
        View view = format is OutputFormat.Table or OutputFormat.Wide ? Followed : Entries;
        (long lastId, long lastAt) = (-1, from ?? 0);
        while (true)
        {
            JsonElement[] fresh = [.. answer.At("entries").Items().Where(entry => entry.At("id").Number() > lastId).Reverse()];
            if (fresh.Length > 0)
            {
                (lastId, lastAt) = (fresh[^1].At("id").Number() ?? lastId, fresh[^1].At("at_ms").Number() ?? lastAt);
                printer.Print(AdminJson.Element(new JsonObject { ["entries"] = new JsonArray([.. fresh.Select(static entry => JsonNode.Parse(entry.GetRawText()))]) }), view);
            }

            await Task.Delay(PollInterval, Context.Time, cancellationToken);
            answer = await AskAsync(parse, admin, lastAt, null, cancellationToken);
        }
    }

    private Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, long? from, long? limit, CancellationToken cancellationToken) => admin.GetAsync(
        new Route("/admin/api/audit").With("kind", parse.GetValue(_kind)).With("severity", parse.GetValue(_severity)).With("subject", parse.GetValue(_subject))
            .With("actor", parse.GetValue(_actor)).With("from_ms", from).With("to_ms", parse.GetValue(_to)?.ToUnixMilliseconds(Context.Time)).With("limit", limit),
        cancellationToken);

    private sealed class EntryLines : Section
    {
        public override void Write(JsonElement document, Rendering rendering)
        {
            foreach (JsonElement entry in document.At("entries").Items())
            {
                string when = Column.TimeOf(entry.At("at_ms")) is { } time ? Column.Moment(time) : Column.Nothing;
                rendering.Output.WriteLine(Column.Printable(
                    $"{when}  {entry.At("severity").Text(),-8}  {entry.At("actor").Text() ?? Column.Nothing}  {entry.At("kind").Text()}  {entry.At("subject").Text()}  {entry.At("detail").Text()}"));
            }
        }
    }
}
