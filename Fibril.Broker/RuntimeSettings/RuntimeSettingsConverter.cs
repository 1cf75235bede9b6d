using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fibril.Broker.RuntimeSettings;

/// <summary>Writes a document as JSON, every field of it, and reads one; what is left out then is as built in.</summary>
internal sealed class RuntimeSettingsConverter : JsonConverter<RuntimeSettingsDocument>
{
    public override RuntimeSettingsDocument Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var problems = new List<SettingProblem>();
        RuntimeSettingsDocument document = RuntimeSettingsReader.Read(JsonElement.ParseValue(ref reader), RuntimeSettingsDocument.Defaults, problems);
        return problems.Count == 0 ? document : throw new JsonException(string.Join("; ", problems));
    }

    public override void Write(Utf8JsonWriter writer, RuntimeSettingsDocument value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (string group in RuntimeFields.Groups)
        {
            writer.WriteStartObject(group);
            foreach (RuntimeField field in RuntimeFields.Of(group)) WriteField(writer, field, value[field]);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteField(Utf8JsonWriter writer, RuntimeField field, long value)
    {
        if (value == field.NullMeans) writer.WriteNull(field.Name);
        else if (field.Unit == FieldUnit.Boolean) writer.WriteBoolean(field.Name, value != 0);
        else writer.WriteNumber(field.Name, value);
    }
}
