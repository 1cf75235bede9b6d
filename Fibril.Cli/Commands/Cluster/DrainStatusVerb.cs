using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Cluster;

/// <summary>Shows whether a broker drains.</summary>
internal sealed class DrainStatusVerb : QueryVerb
{
    /// <summary>What people see of the state of a drain.</summary>
    public static View State { get; } = new(
        new Sentence(static state => state.At("draining").IsTrue() ? "draining" : "not draining"),
        new Sheet(
            null, "", Column.Time("Since", "since_ms"), Column.Milliseconds("Grace", "grace_ms"), Column.Text("Message", "message"),
            Column.Count("Partitions left", "owned_partitions_remaining")));

    public DrainStatusVerb(GlobalOptions global, CliContext context) : base("status", "Shows whether a drain was asked for, and how far it is.", global, context) =>
        Examples = [new("fibrilctl drain status --watch", "Until everything is handed over.")];

    protected override View View(ParseResult parse) => State;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(new Route("/admin/api/drain"), cancellationToken);
}
