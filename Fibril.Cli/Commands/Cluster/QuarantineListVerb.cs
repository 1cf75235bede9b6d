using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Cluster;

/// <summary>Lists damaged partitions.</summary>
internal sealed class QuarantineListVerb : QueryVerb
{
    private static readonly View Quarantined = new(new Table(
        "quarantined", "Nothing is quarantined.",
        Column.Text("TOPIC", "topic"), Column.Count("PARTITION", "partition"), Column.Text("GROUP", "group"), Column.Text("KIND", "kind"),
        Column.Count("FROM-OFFSET", "first_bad_offset"), Column.Count("TO-OFFSET", "end_offset"), Column.Count("WOULD-LOSE", "records_to_drop"),
        Column.Text("FILE", "file").Extra, Column.Count("FROM-BYTE", "first_bad_byte").Extra, Column.Count("TO-BYTE", "end_byte").Extra, Column.Text("REASON", "reason")));

    public QuarantineListVerb(GlobalOptions global, CliContext context) : base("list", "Lists partitions whose files are damaged, and what a repair would give up.", global, context) =>
        Examples = [new("fibrilctl quarantine list -o wide", "With files and places in them.")];

    protected override View View(ParseResult parse) => Quarantined;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(new Route("/admin/api/quarantine"), cancellationToken);
}
