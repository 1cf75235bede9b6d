using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Settings;

/// <summary>Shows who changed settings.</summary>
internal sealed class SettingsHistoryVerb : QueryVerb
{
    private static readonly View History = new(new Table(
        SettingsDocument.ListOf, "No versions.",
        Column.Count("VERSION", "version"), Column.Time("STORED", "at_ms"), Column.Text("BY", "actor")));

    public SettingsHistoryVerb(GlobalOptions global, CliContext context) : base("history", "Shows the versions of the runtime settings: when, and by whom.", global, context) =>
        Examples =
        [
            new("fibrilctl settings history", "The versions that are kept."),
            new("fibrilctl settings diff --against 4", "What has changed since one of them."),
        ];

    protected override View View(ParseResult parse) => History;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(new Route($"{SettingsDocument.Path}/history"), cancellationToken);
}
