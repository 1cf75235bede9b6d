using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Settings;

/// <summary>Settings as the text that somebody edits: the document, or some groups of it.</summary>
internal static class SettingsText
{
    private static readonly JsonDocumentOptions Forgiving = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, TypeInfoResolver = AdminJson.Default };

    public static string Write(JsonElement settings) => JsonNode.Parse(settings.GetRawText())!.ToJsonString(Indented) + "\n";

    /// <summary>The settings that are other than before, in groups. Those that are not in the text any more stay as they are.</summary>
    /// <param name="text">What came out of the editor.</param>
    /// <param name="before">All settings.</param>
    /// <exception cref="CliException">It is no JSON, or has settings that there are not.</exception>
    public static JsonObject Changes(string text, JsonElement before)
    {
        Dictionary<string, JsonElement> known = SettingsDocument.Fields(before).ToDictionary(static field => field.Setting, static field => field.Value);
        var changes = new JsonObject();
        foreach ((string setting, JsonElement value) in SettingsDocument.Fields(Read(text)))
        {
            SettingsDocument.ThrowIfUnknown(setting, known.Keys);
            if (!JsonElement.DeepEquals(known[setting], value)) SettingsDocument.Put(changes, setting, JsonNode.Parse(value.GetRawText()));
        }

        return changes;
    }

    private static JsonElement Read(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, Forgiving);
            bool isDocument = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.EnumerateObject().All(static group => group.Value.ValueKind == JsonValueKind.Object);
            return isDocument ? document.RootElement.Clone() : throw new CliException(ExitCode.Failure, "the text is no object of groups of settings; nothing was changed");
        }
        catch (JsonException fault)
        {
            throw new CliException(ExitCode.Failure, $"the text is no JSON; nothing was changed: {fault.Message}");
        }
    }
}
