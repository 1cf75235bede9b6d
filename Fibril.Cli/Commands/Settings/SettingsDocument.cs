using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Settings;

/// <summary>Runtime settings as the admin API has them: an object of groups, each an object of fields.</summary>
internal static class SettingsDocument
{
    public const string Path = "/admin/api/runtime-settings";

    /// <summary>All settings.</summary>
    public static View View { get; } = Of(Rows);

    /// <summary>Those that are named.</summary>
    public static View Only(IReadOnlySet<string> settings) => Of(document => Rows(document).Where(row => settings.Contains(row.At("setting").Text() ?? "")));

    private static View Of(Func<JsonElement, IEnumerable<JsonElement>> rows) => new(
        new Sentence(static document => document.At("load_issue.message").Text() is { } issue ? $"What is stored could not be read, and the values of the start are in effect: {issue}" : null),
        new Table(
            rows, "No settings.",
            Column.Text("SETTING", "setting"), Column.Value("VALUE", "value"), Column.Text("LOCKED", "locked")),
        new Sentence(static document => document.At("version").Number() is { } version ? $"version {version}" : null));

    /// <summary>One row for each field of the document.</summary>
    public static IEnumerable<JsonElement> Rows(JsonElement document)
    {
        foreach ((string setting, JsonElement value) in Fields(document.At("settings")))
        {
            bool isLocked = document.At("locks").At(setting.Split('.')[0]).IsTrue();
            yield return AdminJson.Element(new JsonObject { ["setting"] = setting, ["value"] = JsonNode.Parse(value.GetRawText()), ["locked"] = isLocked });
        }
    }

    /// <summary>Every field as <c>group.field</c>.</summary>
    public static IEnumerable<(string Setting, JsonElement Value)> Fields(JsonElement settings) => settings.ValueKind != JsonValueKind.Object
        ? []
        : settings.EnumerateObject().SelectMany(static group => group.Value.EnumerateObject().Select(field => ($"{group.Name}.{field.Name}", field.Value)));

    /// <summary>The rows of an answer that is a list, or an object that has one.</summary>
    public static IEnumerable<JsonElement> ListOf(JsonElement answer) => answer.ValueKind == JsonValueKind.Object
        ? answer.EnumerateObject().Select(static property => property.Value).FirstOrDefault(static value => value.ValueKind == JsonValueKind.Array).Items()
        : answer.Items();
}
