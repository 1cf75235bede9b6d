using System.Text.Json;
using Fibril.Dashboard.Api;

namespace Fibril.Dashboard.Live;

/// <summary>What the broker told at one moment: a document for each family that was asked for.</summary>
public sealed class LiveFrame(JsonElement families)
{
    /// <summary>The document of a family.</summary>
    /// <returns>Null when it was not asked for, or cannot be read at the moment.</returns>
    public T? Get<T>(string family) where T : class =>
        families.TryGetProperty(family, out JsonElement document) && document.ValueKind != JsonValueKind.Null ? document.Deserialize<T>(ApiJson.Options) : null;

    /// <exception cref="JsonException">The text is no frame.</exception>
    public static LiveFrame Parse(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return new LiveFrame(document.RootElement.Clone());
    }
}
