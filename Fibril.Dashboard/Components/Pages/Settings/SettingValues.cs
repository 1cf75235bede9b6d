using System.Text.Json.Nodes;
using Fibril.Dashboard.Api.Models;

namespace Fibril.Dashboard.Components.Pages.Settings;

/// <summary>The value of every setting of one version. Switches are 0 and 1; null is a value of its own where the schema says so. Immutable.</summary>
public sealed class SettingValues
{
    private readonly Dictionary<string, long?> _values;

    private SettingValues(Dictionary<string, long?> values) => _values = values;

    /// <summary>Reads a document. What it leaves out is as built in.</summary>
    public static SettingValues Of(JsonObject document, SettingsSchema schema) =>
        new(schema.Fields.ToDictionary(static field => field.Path, field => Find(document, field, out JsonNode? node) ? Read(node) : Read(field.Default)));

    public long? this[SettingField field] => _values.GetValueOrDefault(field.Path);

    /// <summary>A value as the API writes it.</summary>
    public static long? Read(JsonNode? node) => node?.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.True => 1,
        System.Text.Json.JsonValueKind.False => 0,
        System.Text.Json.JsonValueKind.Number => node.GetValue<long>(),
        _ => null,
    };

    /// <summary>A value as the API reads it.</summary>
    public static JsonNode? Write(SettingField field, long? value) => value is not { } number ? null : field.IsSwitch ? JsonValue.Create(number != 0) : JsonValue.Create(number);

    private static bool Find(JsonObject document, SettingField field, out JsonNode? node)
    {
        node = null;
        return document[field.Group] is JsonObject group && group.TryGetPropertyValue(field.Name, out node);
    }
}
