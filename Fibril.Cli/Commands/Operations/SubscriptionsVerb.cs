using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Operations;

/// <summary>Lists subscriptions.</summary>
internal sealed class SubscriptionsVerb : QueryVerb
{
    private static readonly View Subscriptions = new(new Table(
        "", "No subscriptions.",
        Column.Text("TOPIC", "topic"), Column.Count("PART", "partition"), Column.Text("GROUP", "group"), Column.Text("KIND", "kind"), Column.Text("USER", "user"),
        Column.Text("STATE", "state"), Column.Count("INFLIGHT", "inflight"), Column.Count("PREFETCH", "prefetch"), Column.Text("CONSUMER-GROUP", "consumer_group"),
        Column.Text("DURABLE", "durable_name"), Column.Seconds("UPTIME", "uptime"), Column.Text("AUTO-ACK", "auto_ack").Extra, Column.Text("CONNECTION", "conn_id").Extra,
        Column.Text("ID", "sub_id").Extra));

    private readonly ListingOptions _listing = new("topic, uptime, inflight");

    public SubscriptionsVerb(GlobalOptions global, CliContext context) : base("subscriptions", "Lists live subscriptions, one row for each partition.", global, context)
    {
        _listing.AddTo(this);
        Examples = [new("fibrilctl subscriptions --filter jobs", "Who consumes jobs."), new("fibrilctl subscriptions --sort=-inflight --limit 5", "Who holds most.")];
    }

    protected override View View(ParseResult parse) => Subscriptions;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(_listing.Apply(parse, new Route("/admin/api/subscriptions")), cancellationToken);
}
