using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Commands.Queues;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.DeadLetters;

/// <summary>Lists the queues that keep what fails for good.</summary>
internal sealed class DlqPoliciesVerb : QueryVerb
{
    private static readonly View Policies = new(
        new Table(
            "queues", "No queue keeps what fails for good. See fibrilctl queue dlq-policy set.",
            Column.Text("TOPIC", "topic"), Column.Text("GROUP", "group"), Column.Text("POLICY", "policy"), Column.Made("TARGET", "target", QueueColumns.ChannelOf),
            Column.Count("MAX-RETRIES", "max_retries"), Column.Count("TO-DLQ", "pending_dlq_count"), Column.Count("TARGET-DEPTH", "target_depth"), Column.Text("ERROR", "error")),
        new Table(
            "targets", "",
            Column.Text("DLQ", "topic"), Column.Text("GROUP", "group"), Column.Count("DEPTH", "depth"), Column.Count("LAST-HOUR", "received_last_hour"), Column.Age("OLDEST", "oldest_ms"),
            Column.Count("FROM", "source_count"), Column.Text("GLOBAL", "is_global"), Column.Text("ERROR", "error")));

    private readonly ListingOptions _listing = new("name, target, target_depth, pending_dlq_count, max_retries");
    private readonly Option<bool> _load = Inputs.Flag("--load", "Loads what is not in memory, to count what is in it.");

    public DlqPoliciesVerb(GlobalOptions global, CliContext context) : base("policies", "Lists the queues that keep what fails for good, and where it goes.", global, context)
    {
        _listing.AddTo(this);
        Add(_load);
        Examples =
        [
            new("fibrilctl dlq policies", "All of them, in memory or not."),
            new("fibrilctl dlq policies --load --sort=-target_depth --limit 10", "The ten whose dead-letter queues are fullest."),
        ];
    }

    protected override View View(ParseResult parse) => Policies;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(_listing.Apply(parse, new Route("/admin/api/dlq")).With("load", parse.GetValue(_load)), cancellationToken);
}
