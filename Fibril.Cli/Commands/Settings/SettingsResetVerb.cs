using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Settings;

/// <summary>Brings settings back.</summary>
internal sealed class SettingsResetVerb : ChangeVerb
{
    private const string Seed = "seed";

    private readonly Option<string?> _to = SettingsDocument.VersionOption(
        "--to", "What to go back to: what the broker was started with (default), what is built in, or a version of the history.", Seed, "defaults");

    public SettingsResetVerb(GlobalOptions global, CliContext context) : base("reset", "Brings all runtime settings back to the seed, the defaults, or an earlier version.", global, context)
    {
        Add(_to);
        Examples = [new("fibrilctl settings reset --to 4 --yes", "As they were in version 4."), new("fibrilctl settings reset --to defaults", "Asks first.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string to = parse.GetValue(_to) ?? Seed;
        Confirm(parse, $"bring all runtime settings back to {(char.IsDigit(to[0]) ? $"version {to}" : $"the {to}")}");
        using AdminClient admin = Connect(parse);
        JsonElement now = await admin.GetAsync(new Route(SettingsDocument.Path), cancellationToken);
        bool isVersion = long.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out long version);
        var body = new JsonObject { ["expected_version"] = now.At("version").Number(), ["to"] = isVersion ? "version" : to };
        if (isVersion) body["version"] = version;
        JsonElement answer = await SettingsChange.SendAsync(admin, HttpMethod.Post, new Route($"{SettingsDocument.Path}/reset"), body, cancellationToken);
        Print(parse, answer, SettingsDocument.View);
        return ExitCode.Success;
    }
}
