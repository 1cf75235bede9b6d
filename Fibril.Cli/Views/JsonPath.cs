using System.Text.Json;

namespace Fibril.Cli.Views;

/// <summary>Reads documents of the admin API whose fields may be missing: brokers are older and newer than this tool.</summary>
internal static class JsonPath
{
    /// <summary>The value at names joined by dots; of kind <see cref="JsonValueKind.Undefined"/> when a name is missing. The empty path is the element itself.</summary>
    public static JsonElement At(this JsonElement element, string path)
    {
        if (path.Length == 0) return element;
        foreach (string name in path.Split('.'))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return default;
        }

        return element;
    }

    /// <summary>The elements of an array; none for anything else.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    public static bool IsMissing(this JsonElement element) => element.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    public static string? Text(this JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    public static long? Number(this JsonElement element) => element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out long number) ? number : null;

    public static bool IsTrue(this JsonElement element) => element.ValueKind == JsonValueKind.True;
}
