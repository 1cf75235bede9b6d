using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Settings;

/// <summary>Shows which settings there are.</summary>
internal sealed class SettingsSchemaVerb : QueryVerb
{
    private static readonly View Schema = new(new Table(
        SettingsDocument.ListOf, "No settings.",
        Column.Text("GROUP", "group"), Column.Text("NAME", "name"), Column.Text("TYPE", "type"), Column.Text("UNIT", "unit"), Column.Value("DEFAULT", "default"),
        Column.Value("SEED", "seed").Extra, Column.Value("MIN", "min"), Column.Value("MAX", "max"), Column.Text("APPLIES", "applies"), Column.Text("LOCKED", "locked"),
        Column.Text("DESCRIPTION", "description").Extra));

    public SettingsSchemaVerb(GlobalOptions global, CliContext context) : base("schema", "Shows which runtime settings there are, with their ranges and defaults.", global, context) =>
        Examples = [new("fibrilctl settings schema -o wide", "With what each is for.")];

    protected override View View(ParseResult parse) => Schema;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(new Route($"{SettingsDocument.Path}/schema"), cancellationToken);
}
