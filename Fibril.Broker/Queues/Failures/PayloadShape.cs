using System.Text.Json;

namespace Fibril.Broker.Queues.Failures;

/// <summary>What a payload looks like without saying what is in it. Pure, and bounded: only the start of a payload is looked at.</summary>
/// <remarks>
/// Of a JSON object the names and kinds of its fields, by name; of any other JSON its kind; of everything else the content type and a class of its size, each four
/// times the one before. Of an object that is longer than what is looked at, the fields that begin there: such payloads can look different for the same cause.
/// </remarks>
internal static class PayloadShape
{
    /// <summary>Bytes of a payload that are looked at.</summary>
    public const int MostLooked = 4 << 10;

    private const int MostFields = 64;
    private const int LongestName = 64;
    private const int SmallestClass = 256;

    public static string Of(string? contentType, ReadOnlySpan<byte> payload) =>
        JsonShape(payload) ?? $"{contentType ?? "no content type"}, {SizeClass(payload.Length)}";

    private static string SizeClass(int bytes)
    {
        if (bytes == 0) return "empty";
        long most = SmallestClass;
        while (most < bytes) most *= 4;
        return most < 1 << 10 ? $"up to {most} bytes" : most < 1 << 20 ? $"up to {most >> 10} KiB" : $"up to {most >> 20} MiB";
    }

    /// <summary>Null for what is no object or list of JSON, as far as it is looked at.</summary>
    private static string? JsonShape(ReadOnlySpan<byte> payload)
    {
        bool isWhole = payload.Length <= MostLooked;
        var reader = new Utf8JsonReader(isWhole ? payload : payload[..MostLooked], isFinalBlock: isWhole, default);
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        try
        {
            if (!reader.Read()) return null;
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                ReadToEnd(ref reader);
                return "JSON list";
            }

            if (reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                string? kind = reader.Read() ? KindOf(reader.TokenType) : KindOfCut(payload[(int)reader.BytesConsumed..Math.Min(payload.Length, MostLooked)]);
                if (kind is null) break;
                if (fields.Count < MostFields) fields[name.Length <= LongestName ? name : name[..LongestName]] = kind;
                if (!reader.TrySkip()) break;
            }

            if (isWhole) ReadToEnd(ref reader);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return null; // what looked like JSON is none, or its text is no UTF-8
        }

        return $"JSON {{{string.Join(", ", fields.Select(static field => $"{field.Key}: {field.Value}"))}}}";
    }

    private static void ReadToEnd(ref Utf8JsonReader reader)
    {
        while (reader.Read())
        {
            // Throws when it is no JSON.
        }

    }

    /// <summary>The kind of a value that does not end where the look ends, by how it begins; null when not even that is there.</summary>
    private static string? KindOfCut(ReadOnlySpan<byte> rest) => rest.TrimStart(" \t\r\n:"u8) switch
    {
        [] => null,
        [(byte)'"', ..] => "string",
        [(byte)'{', ..] => "object",
        [(byte)'[', ..] => "list",
        [(byte)'t' or (byte)'f', ..] => "boolean",
        [(byte)'n', ..] => "null",
        _ => "number",
    };

    private static string KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.String => "string",
        JsonTokenType.Number => "number",
        JsonTokenType.True or JsonTokenType.False => "boolean",
        JsonTokenType.Null => "null",
        JsonTokenType.StartObject => "object",
        _ => "list",
    };
}
