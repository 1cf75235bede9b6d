using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.DeadLetters;

/// <summary>Sorts dead letters by their causes.</summary>
internal sealed class DlqGroupsVerb : QueryVerb
{
    private static readonly View Groups = new(
        new Table(
            "groups", "No dead letters.",
            Column.Text("FINGERPRINT", "fingerprint"), Column.Count("COUNT", "count"), Column.Text("REASON", "reason"), Column.Text("FROM", "source_topic"),
            Column.Text("GROUP", "source_group").Extra, Column.Age("NEWEST", "newest_ms"), Column.Age("OLDEST", "oldest_ms"), Column.Count("RETRIES-MIN", "retries_min").Extra,
            Column.Count("RETRIES-MAX", "retries_max").Extra, Column.Text("COUNTS", "counts").Extra, Column.Made("SAMPLE", "samples", SampleOf), Column.Text("CAUSE", "title")),
        new Sentence(SumOf));

    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();
    private readonly Option<long?> _partition = Inputs.Number("--partition", "This partition only; default all.", 0, int.MaxValue);
    private readonly Option<long?> _limit = Inputs.Number("--limit", "Messages to look at, the newest first; default 100000.", 1, 1_000_000);
    private readonly Option<long?> _intervals = Inputs.Number("--intervals", "Intervals to count in, up to now; default 24. See them with -o wide.", 1, 168);
    private readonly Option<TimeSpan?> _interval = Inputs.Duration("--interval", "Length of each; default 1h.", TimeSpan.FromSeconds(1), TimeSpan.FromDays(31));

    public DlqGroupsVerb(GlobalOptions global, CliContext context) : base("groups", "Sorts the dead letters of a queue by their causes.", global, context)
    {
        Add(_topic);
        AddOptions(_group, _partition, _limit, _intervals, _interval);
        Notes = ["A fingerprint is the same for the same cause, whenever and wherever it is made. See fibrilctl dlq replay --fingerprint."];
        Examples =
        [
            new("fibrilctl dlq groups jobs.failed", "What is going wrong, and how often."),
            new("fibrilctl dlq groups jobs.failed --intervals 12 --interval 5m -o wide", "And how it grew within the hour."),
        ];
    }

    protected override View View(ParseResult parse) => Groups;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) => admin.GetAsync(
        new Route("/admin/api/dlq/groups").With("topic", parse.GetRequiredValue(_topic)).With("group", parse.GetValue(_group)).With("partition", parse.GetValue(_partition))
            .With("limit", parse.GetValue(_limit)).With("intervals", parse.GetValue(_intervals)).With("interval_ms", (long?)parse.GetValue(_interval)?.TotalMilliseconds),
        cancellationToken);

    private static string SampleOf(JsonElement samples) =>
        samples.Items().FirstOrDefault() is { ValueKind: JsonValueKind.Object } sample ? $"{sample.At("partition").Number()}/{sample.At("offset").Number()}" : Column.Nothing;

    private static string? SumOf(JsonElement document)
    {
        string others = document.At("other.count").Number() is { } count ? $" {Amounts.Count(count)} have causes beyond these." : "";
        return document.At("is_cut").IsTrue()
            ? $"The newest {Amounts.Count(document.At("examined").Number() ?? 0, "message", "messages")} were looked at; there are older ones: see --limit.{others}"
            : others.Length > 0 ? others.Trim() : null;
    }
}
