using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
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
            bool isLocked = document.At("locks").At(GroupOf(setting)).IsTrue();
            yield return AdminJson.Element(new JsonObject { ["setting"] = setting, ["value"] = JsonNode.Parse(value.GetRawText()), ["locked"] = isLocked });
        }
    }

    /// <summary>Every field as <c>group.field</c>.</summary>
    public static IEnumerable<(string Setting, JsonElement Value)> Fields(JsonElement settings) => settings.ValueKind != JsonValueKind.Object
        ? []
        : settings.EnumerateObject().SelectMany(static group => group.Value.EnumerateObject().Select(field => ($"{group.Name}.{field.Name}", field.Value)));

    /// <summary>What to compare with or to go back to: a word, or a version.</summary>
    public static Option<string?> VersionOption(string name, string description, params string[] words) => Inputs.Checked<string?>(
        name, string.Join('|', [.. words, "version"]), description,
        text => words.Contains(text) || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? (text, null)
            : Inputs.Bad<string?>($"'{text}' is not allowed; write {string.Join(", ", words)} or a version"));

    /// <summary>Names a group, one setting, or neither for all.</summary>
    public static Argument<string?> Wanted(string description) => new("group") { Arity = ArgumentArity.ZeroOrOne, Description = description };

    /// <summary>The document with a group or a setting only.</summary>
    /// <exception cref="CliException">There is neither of that name.</exception>
    public static JsonElement Pick(JsonElement document, string wanted)
    {
        var settings = new JsonObject();
        foreach ((string setting, JsonElement value) in Fields(document.At("settings")))
        {
            if (GroupOf(setting) == wanted || setting == wanted) Put(settings, setting, JsonNode.Parse(value.GetRawText()));
        }

        if (settings.Count == 0) throw new CliException(ExitCode.NotFound, $"there is no group or setting {wanted}", "See fibrilctl settings schema.");
        return AdminJson.With(document, ("settings", settings));
    }

    /// <summary>Puts a setting into its group, which is made if it is missing.</summary>
    public static void Put(JsonObject settings, string setting, JsonNode? value)
    {
        string group = GroupOf(setting);
        if (!settings.ContainsKey(group)) settings[group] = new JsonObject();
        settings[group]![setting[(group.Length + 1)..]] = value;
    }

    public static string GroupOf(string setting) => setting.Split('.')[0];

    /// <summary>The broker passes over settings that it does not know, as documents of newer brokers have them; a person has mistyped.</summary>
    /// <exception cref="CliException">It is not among the known ones.</exception>
    public static void ThrowIfUnknown(string setting, IReadOnlyCollection<string> known)
    {
        if (known.Contains(setting)) return;
        string nearest = known.MinBy(name => UsageErrors.CountEdits(setting, name)) ?? "";
        throw new CliException(ExitCode.NotFound, $"there is no setting {setting}", $"Did you mean {nearest}? See fibrilctl settings schema.");
    }

    /// <summary>The rows of an answer that is a list, or an object that has one.</summary>
    public static IEnumerable<JsonElement> ListOf(JsonElement answer) => answer.ValueKind == JsonValueKind.Object
        ? answer.EnumerateObject().Select(static property => property.Value).FirstOrDefault(static value => value.ValueKind == JsonValueKind.Array).Items()
        : answer.Items();
}
