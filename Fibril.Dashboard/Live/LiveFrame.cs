using System.Text.Json;
using Fibril.Dashboard.Api;

namespace Fibril.Dashboard.Live;

/// <summary>What the broker told at one moment: a document for each family that was asked for.</summary>
public sealed class LiveFrame(JsonElement families)
{
    // Several parts of a page want the same family, and it may be long. They are handed the frame one after the other.
    private readonly Dictionary<(string Family, Type Type), object?> _read = [];

    /// <summary>The document of a family.</summary>
    /// <returns>Shared by all who ask for it; null when it was not asked for, or cannot be read at the moment.</returns>
    public T? Get<T>(string family) where T : class
    {
        if (_read.TryGetValue((family, typeof(T)), out object? known)) return (T?)known;
        T? document = families.TryGetProperty(family, out JsonElement element) && element.ValueKind != JsonValueKind.Null ? element.Deserialize<T>(ApiJson.Options) : null;
        _read[(family, typeof(T))] = document;
        return document;
    }

    /// <exception cref="JsonException">The text is no frame.</exception>
    public static LiveFrame Parse(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return new LiveFrame(document.RootElement.Clone());
    }
}
