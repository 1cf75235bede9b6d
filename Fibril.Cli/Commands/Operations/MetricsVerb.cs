using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Operations;

/// <summary>Shows metrics.</summary>
internal sealed class MetricsVerb : QueryVerb
{
    private const string BucketEnding = "_bucket";

    private static readonly View Samples = new(new Table(
        "samples", "No metrics match.",
        Column.Text("NAME", "name"), Column.Made("LABELS", "labels", LabelsOf), Column.Value("VALUE", "value")));

    private readonly Option<string?> _filter = Inputs.Text("--filter", "text", "Only metrics whose name contains this.");
    private readonly Option<bool> _buckets = Inputs.Flag("--buckets", "With the buckets of histograms.");

    public MetricsVerb(GlobalOptions global, CliContext context) : base("metrics", "Shows the metrics that the broker exports to Prometheus.", global, context)
    {
        AddOptions(_filter, _buckets);
        Notes = ["For the text that Prometheus reads, fetch /metrics of the admin listener."];
        Examples =
        [
            new("fibrilctl metrics --filter queue_ready", "Depth of every queue."),
            new("fibrilctl metrics --filter published --watch 1s", "Watches a counter."),
        ];
    }

    protected override View View(ParseResult parse) => Samples;

    protected override async Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken)
    {
        AdminAnswer answer = await admin.SendAsync(HttpMethod.Get, new Route("/metrics"), null, cancellationToken);
        if (!answer.IsSuccess) throw AdminFailure.Of(answer, admin.Address);
        (string filter, bool hasBuckets) = (parse.GetValue(_filter) ?? "", parse.GetValue(_buckets));
        return Exposition.Parse(
            answer.Text, name => name.Contains(filter, StringComparison.OrdinalIgnoreCase) && (hasBuckets || !name.EndsWith(BucketEnding, StringComparison.Ordinal)));
    }

    private static string LabelsOf(JsonElement labels) => labels.EnumerateObject().Any()
        ? string.Join(',', labels.EnumerateObject().Select(static label => $"{label.Name}={label.Value.GetString()}"))
        : Column.Nothing;
}
