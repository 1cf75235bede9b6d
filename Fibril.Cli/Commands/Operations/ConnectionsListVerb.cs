using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Operations;

/// <summary>Lists connections.</summary>
internal sealed class ConnectionsListVerb : QueryVerb
{
    private static readonly View Connections = new(new Table(
        "", "No connections.",
        Column.Text("ID", "id"), Column.Text("PEER", "peer"), Column.Text("USER", "user"), Column.Text("CLIENT", "client_name"), Column.Text("VERSION", "client_version"),
        Column.Seconds("UPTIME", "uptime"), Column.Count("SUBS", "subs"), Column.Count("PUBLISHED", "published"), Column.Bytes("PENDING", "pending_bytes"),
        Column.Text("ATTACHED", "attached").Extra, Column.Text("SESSION", "session").Extra));

    private readonly ListingOptions _listing = new("age, published, subs, user");

    public ConnectionsListVerb(GlobalOptions global, CliContext context) : base("list", "Lists open client connections, the oldest first.", global, context)
    {
        _listing.AddTo(this);
        Examples = [new("fibrilctl connections list --sort=-published", "Who publishes most."), new("fibrilctl connections list --filter billing", "By user, client or address.")];
    }

    protected override View View(ParseResult parse) => Connections;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(_listing.Apply(parse, new Route("/admin/api/connections")), cancellationToken);
}
