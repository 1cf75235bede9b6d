using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;

namespace Fibril.Tests.Protocol.Reference;

/// <summary>
/// A type of the protocol, written down a second time: naive, by JSON values, and without any code of the library.
/// u64 is a decimal string, other numbers are numbers, bytes are hex, an absent option is null, a map is a list of pairs.
/// </summary>
internal abstract class WireType
{
    internal abstract Gen<JsonNode?> Values { get; }

    /// <summary>The value with the shortest encoding; a new node each time.</summary>
    internal abstract JsonNode? Smallest { get; }

    internal abstract void Write(ReferenceWriter writer, JsonNode? value);

    internal abstract JsonNode? Read(ReferenceReader reader);

    internal int SmallestBytes
    {
        get
        {
            var writer = new ReferenceWriter();
            Write(writer, Smallest);
            return writer.Written.Length;
        }
    }
}

internal sealed class NumberType(int width) : WireType
{
    private ulong Max => ulong.MaxValue >> (64 - (8 * width));

    internal override Gen<JsonNode?> Values => Gen.Frequency(
        (1, Gen.OneOf(0UL, 1UL, Max - 1, Max, Max >> 1, 1UL << 31, 1UL << 53)),
        (2, Gen.ULong)).Select(value => (JsonNode?)ToJson(value & Max));

    internal override JsonNode? Smallest => ToJson(0);

    internal override void Write(ReferenceWriter writer, JsonNode? value) => writer.Number(FromJson(value!), width);

    internal override JsonNode? Read(ReferenceReader reader) => ToJson(reader.Number(width));

    private JsonValue ToJson(ulong value) =>
        width == 8 ? JsonValue.Create(value.ToString(CultureInfo.InvariantCulture))! : JsonValue.Create((uint)value);

    private ulong FromJson(JsonNode value) =>
        width == 8 ? ulong.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture) : value.GetValue<uint>();
}

internal sealed class BoolType : WireType
{
    internal override Gen<JsonNode?> Values => Gen.Bool.Select(value => (JsonNode?)value);

    internal override JsonNode? Smallest => false;

    internal override void Write(ReferenceWriter writer, JsonNode? value) =>
        writer.Closed(MarkKind.Bool, value!.GetValue<bool>() ? 1 : 0, 1);

    internal override JsonNode? Read(ReferenceReader reader) => reader.Closed(1) == 1;
}

internal sealed class ClosedType(int largest) : WireType
{
    internal override Gen<JsonNode?> Values => Gen.UInt[0, (uint)largest].Select(value => (JsonNode?)value);

    internal override JsonNode? Smallest => 0U;

    internal override void Write(ReferenceWriter writer, JsonNode? value) =>
        writer.Closed(MarkKind.Closed, (int)value!.GetValue<uint>(), largest);

    internal override JsonNode? Read(ReferenceReader reader) => (uint)reader.Closed(largest);
}

internal sealed class TextType : WireType
{
    private static readonly string[] Pieces = ["a", "Z", "9", ".", "-", " ", "\0", "\n", "\"", "é", "λ", "語", "\uFEFF", "😀"];

    internal override Gen<JsonNode?> Values => Gen.OneOf(Pieces).Array[0, 6].Select(pieces => (JsonNode?)string.Concat(pieces));

    internal override JsonNode? Smallest => "";

    internal override void Write(ReferenceWriter writer, JsonNode? value) => writer.Text(value!.GetValue<string>());

    internal override JsonNode? Read(ReferenceReader reader) => reader.Text();
}

internal sealed class BytesType : WireType
{
    internal override Gen<JsonNode?> Values => Gen.Byte.Array[0, 12].Select(bytes => (JsonNode?)Convert.ToHexStringLower(bytes));

    internal override JsonNode? Smallest => "";

    internal override void Write(ReferenceWriter writer, JsonNode? value) =>
        writer.Bytes(Convert.FromHexString(value!.GetValue<string>()));

    internal override JsonNode? Read(ReferenceReader reader) => Convert.ToHexStringLower(reader.Bytes());
}

internal sealed class UuidType : WireType
{
    private static readonly int[] Hyphens = [8, 13, 18, 23];

    internal override Gen<JsonNode?> Values => Gen.Byte.Array[16].Select(bytes => (JsonNode?)Text(bytes));

    internal override JsonNode? Smallest => Text(new byte[16]);

    internal override void Write(ReferenceWriter writer, JsonNode? value) =>
        writer.Raw(Convert.FromHexString(value!.GetValue<string>().Replace("-", "", StringComparison.Ordinal)));

    internal override JsonNode? Read(ReferenceReader reader) => Text(reader.Take(16));

    private static string Text(ReadOnlySpan<byte> bytes) =>
        Hyphens.Aggregate(Convert.ToHexStringLower(bytes), (text, at) => text.Insert(at, "-"));
}

internal sealed class OptionType(WireType inner) : WireType
{
    internal override Gen<JsonNode?> Values => Gen.Frequency((1, Gen.Const((JsonNode?)null)), (2, inner.Values));

    internal override JsonNode? Smallest => null;

    internal override void Write(ReferenceWriter writer, JsonNode? value)
    {
        writer.Closed(MarkKind.Option, value is null ? 0 : 1, 1);
        if (value is not null) inner.Write(writer, value);
    }

    internal override JsonNode? Read(ReferenceReader reader) => reader.Closed(1) == 1 ? inner.Read(reader) : null;
}

/// <summary>The last field of a message, which a body may lack as a whole (ENC-2).</summary>
internal sealed class TrailingType(WireType inner) : WireType
{
    internal override Gen<JsonNode?> Values => inner.Values;

    internal override JsonNode? Smallest => inner.Smallest;

    internal override void Write(ReferenceWriter writer, JsonNode? value)
    {
        writer.BeginTrailing();
        inner.Write(writer, value);
    }

    internal override JsonNode? Read(ReferenceReader reader) => reader.AtEnd ? null : inner.Read(reader);
}

internal sealed class ListType(WireType element) : WireType
{
    internal override Gen<JsonNode?> Values => element.Values.Array[0, 3].Select(items => (JsonNode?)new JsonArray(items));

    internal override JsonNode? Smallest => new JsonArray();

    internal override void Write(ReferenceWriter writer, JsonNode? value)
    {
        var items = (JsonArray)value!;
        writer.Count(items.Count, element.SmallestBytes);
        foreach (JsonNode? item in items) element.Write(writer, item);
    }

    internal override JsonNode? Read(ReferenceReader reader)
    {
        var items = new JsonArray();
        for (ulong left = reader.Number(4); left > 0; left--) items.Add(element.Read(reader));
        return items;
    }
}

/// <summary>A key and a value, as a JSON array of two.</summary>
internal sealed class PairType : WireType
{
    private static readonly TextType Text = new();

    internal override Gen<JsonNode?> Values => Text.Values.Select(Text.Values, (key, value) => (JsonNode?)new JsonArray(key, value));

    internal override JsonNode? Smallest => new JsonArray("", "");

    internal override void Write(ReferenceWriter writer, JsonNode? value)
    {
        Text.Write(writer, value![0]);
        Text.Write(writer, value[1]);
    }

    internal override JsonNode? Read(ReferenceReader reader) => new JsonArray(Text.Read(reader), Text.Read(reader));
}

internal sealed class StructType(params (string Name, WireType Type)[] fields) : WireType
{
    internal override Gen<JsonNode?> Values => Objects.Select(value => (JsonNode?)value);

    internal Gen<JsonObject> Objects => fields.Aggregate(
        Gen.Const(() => new JsonObject()),
        (objects, next) => objects.Select(next.Type.Values, (value, member) =>
        {
            value[next.Name] = member;
            return value;
        }));

    internal override JsonNode? Smallest => new JsonObject(fields.Select(next => KeyValuePair.Create(next.Name, next.Type.Smallest)));

    internal override void Write(ReferenceWriter writer, JsonNode? value)
    {
        foreach ((string name, WireType type) in fields) type.Write(writer, value![name]);
    }

    internal override JsonNode? Read(ReferenceReader reader) => ReadInto(new JsonObject(), reader);

    internal JsonObject ReadInto(JsonObject value, ReferenceReader reader)
    {
        foreach ((string name, WireType type) in fields) value[name] = type.Read(reader);
        return value;
    }
}

/// <summary>A tag and the fields of its variant, as one object with the tag as a field.</summary>
internal sealed class UnionType(params StructType[] variants) : WireType
{
    internal override Gen<JsonNode?> Values => Gen.OneOf(variants.Select((variant, tag) => variant.Objects.Select(fields =>
    {
        fields.Insert(0, "tag", (uint)tag);
        return (JsonNode?)fields;
    })).ToArray());

    internal override JsonNode? Smallest => new JsonObject { ["tag"] = 0U };

    internal override void Write(ReferenceWriter writer, JsonNode? value)
    {
        uint tag = value!["tag"]!.GetValue<uint>();
        writer.Closed(MarkKind.Closed, (int)tag, variants.Length - 1);
        variants[tag].Write(writer, value);
    }

    internal override JsonNode? Read(ReferenceReader reader)
    {
        int tag = reader.Closed(variants.Length - 1);
        return variants[tag].ReadInto(new JsonObject { ["tag"] = (uint)tag }, reader);
    }
}

/// <summary>A list whose elements have one more number, which is written behind the whole list and may be missing there.</summary>
internal sealed class ListWithCodesType(StructType element) : WireType
{
    private static readonly NumberType Code = new(2);
    private readonly ListType _list = new(element);

    internal override Gen<JsonNode?> Values => element.Objects.Select(Code.Values, (value, code) =>
    {
        value["code"] = code;
        return (JsonNode?)value;
    }).Array[0, 3].Select(items => (JsonNode?)new JsonArray(items));

    internal override JsonNode? Smallest => new JsonArray();

    internal override void Write(ReferenceWriter writer, JsonNode? value)
    {
        _list.Write(writer, value);
        writer.BeginTrailing();
        foreach (JsonNode? item in (JsonArray)value!) Code.Write(writer, item!["code"]);
    }

    internal override JsonNode? Read(ReferenceReader reader)
    {
        var items = (JsonArray)_list.Read(reader)!;
        bool older = reader.AtEnd;
        foreach (JsonNode? item in items) item!["code"] = older ? 0U : Code.Read(reader);
        return items;
    }
}
