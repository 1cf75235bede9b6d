using System.Text.Json;

namespace Fibril.Broker.RuntimeSettings;

/// <summary>Lays JSON over a document. What is left out stays as it was; what is unknown may come from a newer broker, and is passed over.</summary>
internal static class RuntimeSettingsReader
{
    /// <summary>Reads some or all fields; what is wrong goes to <paramref name="problems"/>, and leaves its field as it was.</summary>
    public static RuntimeSettingsDocument Read(JsonElement settings, RuntimeSettingsDocument basis, ICollection<SettingProblem> problems)
    {
        if (settings.ValueKind != JsonValueKind.Object)
        {
            problems.Add(new SettingProblem("settings", $"is {Describe(settings)}, not an object"));
            return basis;
        }

        RuntimeSettingsDocument document = basis;
        foreach (string group in RuntimeFields.Groups)
        {
            if (settings.TryGetProperty(group, out JsonElement fields)) document = ReadGroup(group, fields, document, problems);
        }

        return document;
    }

    private static RuntimeSettingsDocument ReadGroup(
        string group, JsonElement fields, RuntimeSettingsDocument document, ICollection<SettingProblem> problems)
    {
        if (fields.ValueKind == JsonValueKind.Null) return document;
        if (fields.ValueKind != JsonValueKind.Object)
        {
            problems.Add(new SettingProblem(group, $"is {Describe(fields)}, not an object"));
            return document;
        }

        foreach (RuntimeField field in RuntimeFields.Of(group))
        {
            if (!fields.TryGetProperty(field.Name, out JsonElement value)) continue;
            if (TryRead(field, value, document[field], out long number) is { } fault) problems.Add(new SettingProblem(field.Path, fault));
            else document = document.With(field, number);
        }

        return document;
    }

    /// <summary>Returns what is wrong; null when nothing is.</summary>
    private static string? TryRead(RuntimeField field, JsonElement value, long present, out long number)
    {
        // A field that cannot be null means by it what a field that is left out does.
        number = field.NullMeans ?? present;
        if (value.ValueKind == JsonValueKind.Null) return null;
        if (field.Unit == FieldUnit.Boolean)
        {
            number = value.ValueKind == JsonValueKind.True ? 1 : 0;
            return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : $"is {Describe(value)}, not true or false";
        }

        if (value.ValueKind != JsonValueKind.Number) return $"is {Describe(value)}, not {field.AllowedNumbers}";
        if (!value.TryGetInt64(out number)) return $"is {value.GetRawText()}, not {field.AllowedNumbers}";
        return number >= field.Min && number <= field.Max ? null : $"is {number}, not {field.AllowedNumbers}";
    }

    private static string Describe(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            JsonValueKind.String => "text",
            JsonValueKind.Number => "a number",
            JsonValueKind.True or JsonValueKind.False => "a boolean",
            _ => "nothing",
        };
}
