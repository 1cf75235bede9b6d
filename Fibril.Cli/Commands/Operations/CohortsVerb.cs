using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Operations;

/// <summary>Lists exclusive consumer groups.</summary>
internal sealed class CohortsVerb : QueryVerb
{
    private static readonly View Cohorts = new(new Table(
        "cohorts", "No exclusive consumer groups.",
        Column.Text("TOPIC", "topic"), Column.Text("GROUP", "group"), Column.Text("CONSUMER-GROUP", "consumer_group"), Column.Count("GENERATION", "generation"),
        Column.Text("UNCOVERED", "uncovered"), Column.Text("TOO-FEW", "under_provisioned"), Column.Made("MEMBERS: PARTITIONS", "members", MembersOf)));

    public CohortsVerb(GlobalOptions global, CliContext context) : base("cohorts", "Lists exclusive consumer groups, and who has which partition.", global, context) =>
        Examples = [new("fibrilctl cohorts", "Are all partitions covered?")];

    protected override View View(ParseResult parse) => Cohorts;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(new Route("/admin/api/cohorts"), cancellationToken);

    private static string MembersOf(JsonElement members) => string.Join("; ", members.Items().Select(static member =>
        $"{(member.At("member").Text() is { Length: > 8 } id ? id[..8] : member.At("member").Text())}: {Column.Text("", "partitions").CellOf(member, default)}"));
}
