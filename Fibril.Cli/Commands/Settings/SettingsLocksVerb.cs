using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Settings;

/// <summary>Shows which settings cannot be changed while the broker runs.</summary>
internal sealed class SettingsLocksVerb : QueryVerb
{
    private static readonly View Locks = new(new Table(
        Groups, "No settings.",
        Column.Text("GROUP", "group"), Column.Text("LOCKED", "locked")));

    public SettingsLocksVerb(GlobalOptions global, CliContext context) : base("locks", "Shows which groups of runtime settings the configuration of the broker locks.", global, context)
    {
        Notes = ["A locked group keeps the values that the broker was started with; a change of it ends with exit code 4."];
        Examples = [new("fibrilctl settings locks", "What may be changed."), new("fibrilctl settings locks -o ndjson", "A line for each group.")];
    }

    protected override View View(ParseResult parse) => Locks;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(new Route(SettingsDocument.Path), cancellationToken);

    private static IEnumerable<JsonElement> Groups(JsonElement document) => SettingsDocument.Fields(document.At("settings"))
        .Select(static field => SettingsDocument.GroupOf(field.Setting)).Distinct()
        .Select(group => AdminJson.Element(new JsonObject { ["group"] = group, ["locked"] = document.At("locks").At(group).IsTrue() }));
}
