using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Fibril.Protocol;

namespace Fibril.Tests.Protocol.Codecs;

/// <summary>Values of the protocol as JSON. u64 is a decimal string, because JavaScript cannot hold it in a number.</summary>
internal static class JsonFields
{
    internal static string Text(this JsonNode fields, string name) => fields[name]!.GetValue<string>();

    internal static string? OptionalText(this JsonNode fields, string name) => fields[name]?.GetValue<string>();

    internal static byte[] Utf8(this JsonNode fields, string name) => Encoding.UTF8.GetBytes(fields.Text(name));

    internal static OptionalUtf8 OptionalUtf8(this JsonNode fields, string name) =>
        fields[name] is null ? default : new OptionalUtf8(fields.Utf8(name));

    internal static byte[] Bytes(this JsonNode fields, string name) => Convert.FromHexString(fields.Text(name));

    internal static bool Flag(this JsonNode fields, string name) => fields[name]!.GetValue<bool>();

    internal static uint U32(this JsonNode fields, string name) => fields[name]!.GetValue<uint>();

    internal static uint? OptionalU32(this JsonNode fields, string name) => fields[name]?.GetValue<uint>();

    internal static ulong U64(this JsonNode fields, string name) => ulong.Parse(fields.Text(name), CultureInfo.InvariantCulture);

    internal static ulong ToU64(JsonNode number) => ulong.Parse(number.GetValue<string>(), CultureInfo.InvariantCulture);

    internal static ulong? OptionalU64(this JsonNode fields, string name) => fields[name] is null ? null : fields.U64(name);

    internal static Guid Uuid(this JsonNode fields, string name) => Guid.ParseExact(fields.Text(name), "D");

    internal static Guid? OptionalUuid(this JsonNode fields, string name) => fields[name] is null ? null : fields.Uuid(name);

    internal static T[] List<T>(this JsonNode fields, string name, Func<JsonNode, T> build) =>
        [.. ((JsonArray)fields[name]!).Select(item => build(item!))];

    internal static JsonNode? Big(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    internal static JsonNode? Big(ulong? value) => value is null ? null : Big(value.Value);

    internal static JsonNode? Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    internal static JsonNode? Text(OptionalUtf8 text) => text.IsPresent ? Text(text.Value) : null;

    internal static JsonNode? Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    internal static JsonNode? Uuid(Guid? value) => value?.ToString("D");

    internal static JsonArray List<T>(IReadOnlyList<T> items, Func<T, JsonNode?> describe) => new([.. items.Select(describe)]);
}
