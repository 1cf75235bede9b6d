using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Settings;

/// <summary>Shows the settings in effect.</summary>
internal sealed class SettingsGetVerb : QueryVerb
{
    private readonly Argument<string?> _group = new("group") { Arity = ArgumentArity.ZeroOrOne, Description = "This group only, such as delivery, or one setting, such as delivery.inflight_ttl_ms." };

    public SettingsGetVerb(GlobalOptions global, CliContext context) : base("get", "Shows the runtime settings in effect.", global, context)
    {
        Add(_group);
        Examples = [new("fibrilctl settings get", "All."), new("fibrilctl settings get delivery", "One group."), new("fibrilctl settings get -o json > settings.json", "To keep.")];
    }

    protected override View View(ParseResult parse) => SettingsDocument.View;

    protected override async Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken)
    {
        JsonElement answer = await admin.GetAsync(new Route(SettingsDocument.Path), cancellationToken);
        if (parse.GetValue(_group) is not { } wanted) return answer;
        var settings = new JsonObject();
        foreach ((string setting, JsonElement value) in SettingsDocument.Fields(answer.At("settings")))
        {
            string[] parts = setting.Split('.');
            if (parts[0] != wanted && setting != wanted) continue;
            if (!settings.ContainsKey(parts[0])) settings[parts[0]] = new JsonObject();
            settings[parts[0]]![parts[1]] = JsonNode.Parse(value.GetRawText());
        }

        if (settings.Count == 0) throw new CliException(ExitCode.NotFound, $"there is no group or setting {wanted}", "See fibrilctl settings schema.");
        var document = (JsonObject)JsonNode.Parse(answer.GetRawText())!;
        document["settings"] = settings;
        return AdminJson.Element(document);
    }
}
