using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Settings;

/// <summary>Shows which settings differ.</summary>
internal sealed class SettingsDiffVerb : QueryVerb
{
    private const string Defaults = "defaults";
    private const string Seed = "seed";

    private static readonly View Differences = new(new Table(
        "differences", "No differences.",
        Column.Text("SETTING", "setting"), Column.Value("BEFORE", "before"), Column.Value("NOW", "now")));

    private readonly Option<string?> _against = SettingsDocument.VersionOption(
        "--against", "What to compare with: what is built in (default), what the broker was started with, or a version of the history.", Defaults, Seed);

    public SettingsDiffVerb(GlobalOptions global, CliContext context) : base("diff", "Shows which runtime settings in effect differ from the defaults, the seed, or a version.", global, context)
    {
        Add(_against);
        Examples = [new("fibrilctl settings diff", "What is not as it is built in."), new("fibrilctl settings diff --against 4", "What has changed since version 4.")];
    }

    protected override View View(ParseResult parse) => Differences;

    protected override async Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken)
    {
        JsonElement now = (await admin.GetAsync(new Route(SettingsDocument.Path), cancellationToken)).At("settings");
        IReadOnlyDictionary<string, JsonElement> before = await FindAsync(parse.GetValue(_against) ?? Defaults, admin, cancellationToken);
        return Compare(before, now);
    }

    internal static JsonElement Compare(IReadOnlyDictionary<string, JsonElement> before, JsonElement now)
    {
        var differences = new JsonArray();
        foreach ((string setting, JsonElement value) in SettingsDocument.Fields(now))
        {
            JsonElement old = before.GetValueOrDefault(setting);
            if (old.ValueKind != JsonValueKind.Undefined && old.GetRawText() != value.GetRawText())
                differences.Add((JsonNode)new JsonObject { ["setting"] = setting, ["before"] = JsonNode.Parse(old.GetRawText()), ["now"] = JsonNode.Parse(value.GetRawText()) });
        }

        return AdminJson.Element(new JsonObject { ["differences"] = differences });
    }

    private static async Task<IReadOnlyDictionary<string, JsonElement>> FindAsync(string against, AdminClient admin, CancellationToken cancellationToken)
    {
        if (against is Defaults or Seed)
        {
            JsonElement schema = await admin.GetAsync(new Route($"{SettingsDocument.Path}/schema"), cancellationToken);
            return SettingsDocument.ListOf(schema).ToDictionary(
                static field => $"{field.At("group").Text()}.{field.At("name").Text()}", field => field.At(against == Seed ? "seed" : "default"));
        }

        JsonElement history = await admin.GetAsync(new Route($"{SettingsDocument.Path}/history"), cancellationToken);
        JsonElement version = SettingsDocument.ListOf(history).FirstOrDefault(entry => entry.At("version").GetRawText() == against);
        return version.IsMissing()
            ? throw new CliException(ExitCode.NotFound, $"version {against} is not kept", "See fibrilctl settings history.")
            : SettingsDocument.Fields(version.At("settings")).ToDictionary(static field => field.Setting, static field => field.Value);
    }
}
