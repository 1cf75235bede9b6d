using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Queues;

/// <summary>Lists queues with their depths.</summary>
internal sealed class QueueListVerb : QueryVerb
{
    private readonly ListingOptions _listing = new("name, ready_count, inflight_count, delayed_count, pending_dlq_count, subscriptions, stored_bytes, partition_count, oldest_ready");

    public QueueListVerb(GlobalOptions global, CliContext context) : base("list", "Lists all queues with what is in them.", global, context)
    {
        _listing.AddTo(this);
        Notes = ["Numbers are those of partitions that are in memory; a partition that nobody uses is read from the disk when somebody does."];
        Examples =
        [
            new("fibrilctl queue list", "All queues, by name."),
            new("fibrilctl queue list --sort=-ready_count --limit 10 --watch", "The ten fullest, every two seconds."),
            new("fibrilctl queue list -o csv > queues.csv", "For a spreadsheet."),
        ];
    }

    protected override View View(ParseResult parse) => QueueColumns.List;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(_listing.Apply(parse, new Route("/admin/api/queues/list")), cancellationToken);
}
