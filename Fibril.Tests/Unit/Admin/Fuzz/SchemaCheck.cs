using System.Text.Json;

namespace Fibril.Tests.Unit.Admin.Fuzz;

/// <summary>Holds a value against what a schema of the OpenAPI document says of types, fields and names; as much as the document uses.</summary>
internal sealed class SchemaCheck(JsonElement document)
{
    /// <summary>What is wrong with a value; null for nothing.</summary>
    public string? Explain(JsonElement schema, JsonElement value, string path = "$")
    {
        if (schema.ValueKind == JsonValueKind.True) return null;
        if (schema.TryGetProperty("$ref", out JsonElement reference)) return Explain(Follow(reference.GetString()!), value, path);
        if (schema.TryGetProperty("allOf", out JsonElement all) && all.EnumerateArray().Select(one => Explain(one, value, path)).FirstOrDefault(static fault => fault is not null) is { } fault)
            return fault;
        if (schema.TryGetProperty("anyOf", out JsonElement any) && any.EnumerateArray().Select(one => Explain(one, value, path)).All(static fault => fault is not null))
            return $"{path} is nothing of what is allowed";
        if (schema.TryGetProperty("type", out JsonElement type) && !IsOfType(type, value)) return $"{path} is {value.ValueKind}, and not {type}";
        if (schema.TryGetProperty("enum", out JsonElement names) && !names.EnumerateArray().Any(name => JsonElement.DeepEquals(name, value)))
            return $"{path} is {value}, which is none of {names}";
        return value.ValueKind switch
        {
            JsonValueKind.Object => ExplainMembers(schema, value, path),
            JsonValueKind.Array when schema.TryGetProperty("items", out JsonElement items) =>
                value.EnumerateArray().Select((item, number) => Explain(items, item, $"{path}[{number}]")).FirstOrDefault(static fault => fault is not null),
            _ => null,
        };
    }

    /// <summary>The schema behind a reference.</summary>
    public JsonElement Follow(string reference) => reference.Split('/').Skip(1).Aggregate(document, static (node, name) => node.GetProperty(name));

    /// <summary>The schema itself, when it is only a reference to it.</summary>
    public JsonElement Resolve(JsonElement schema) => schema.TryGetProperty("$ref", out JsonElement reference) ? Resolve(Follow(reference.GetString()!)) : schema;

    private string? ExplainMembers(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("required", out JsonElement required)
            && required.EnumerateArray().Select(static name => name.GetString()!).FirstOrDefault(name => !value.TryGetProperty(name, out _)) is { } missing)
            return $"{path} lacks {missing}";
        bool isOpen = !schema.TryGetProperty("additionalProperties", out JsonElement others);
        bool hasMembers = schema.TryGetProperty("properties", out JsonElement members);
        foreach (JsonProperty member in value.EnumerateObject())
        {
            string at = $"{path}.{member.Name}";
            if (hasMembers && members.TryGetProperty(member.Name, out JsonElement known))
            {
                if (Explain(known, member.Value, at) is { } fault) return fault;
            }
            else if (!isOpen)
            {
                if (others.ValueKind == JsonValueKind.False) return $"{at} is not described";
                if (Explain(others, member.Value, at) is { } fault) return fault;
            }
        }

        return null;
    }

    private static bool IsOfType(JsonElement type, JsonElement value) => type.ValueKind == JsonValueKind.Array
        ? type.EnumerateArray().Any(one => IsOfType(one, value))
        : type.GetString() switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "integer" => value.ValueKind == JsonValueKind.Number && (value.TryGetInt64(out _) || value.TryGetUInt64(out _)),
            "number" => value.ValueKind == JsonValueKind.Number,
            "null" => value.ValueKind == JsonValueKind.Null,
            var other => throw new InvalidOperationException($"This check does not know the type {other}."),
        };
}
