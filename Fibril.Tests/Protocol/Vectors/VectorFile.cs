using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Protocol;
using Fibril.Tests.Protocol.Codecs;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Vectors;

/// <summary>The vectors that the tests of all clients share, as the text of one JSON file.</summary>
internal static class VectorFile
{
    private static readonly string[] Format =
    [
        "u64 values, request_id and hash included, are strings in decimal: JavaScript reads them with BigInt. "
            + "u8, u16, u32, enum values and tags are numbers.",
        "bytes, frames and bodies are lower-case hex, uuids are text, an option that is absent is null.",
        "A union is an object with its tag and the fields of that variant. headers is a list of [key, value] in wire order. "
            + "The code of a RECONCILE_RESULT entry stands with the entry here and behind the whole list on the wire.",
        "messages: frame decodes to request_id and fields; request_id and fields encode to frame, byte for byte.",
        "older_forms: body decodes to fields; fields encode to full_body.",
        "malformed: body must be refused under this opcode; reason says what is wrong with it.",
        "partition_hash: FNV-1a of the bytes of key in 64 bits; partitions maps a partition count to the partition chosen.",
        "reserved_headers: whether a client must refuse the key from user code. names: whether a topic or group is legal.",
        "default_groups: whether a group, null for absent, means the ungrouped queue.",
    ];

    private static readonly string[] HashKeys =
    [
        "", "00", "0000", "ff", "61", "62", Utf8("invoice-1001"), Utf8("invoice-1002"), Utf8("customer-42"), Utf8("größe"),
        Utf8("語"), Utf8("😀"), "000102030405060708090a0b0c0d0e0f", Utf8("The quick brown fox jumps over the lazy dog"),
    ];

    private static readonly uint[] PartitionCounts = [1, 2, 3, 6, 7, 16, 1000, uint.MaxValue];

    private static readonly (string Key, bool Reserved)[] HeaderKeys =
    [
        ("fibril.retries", true), ("fibril.speculative", true), ("fibril.test", true), ("fibril.", true), ("fibril.clientele", true),
        ("fibril.client", true), ("fibril.Client.id", true), ("stroma.dlq.source_topic", true), ("stroma.", true),
        ("stroma.client.id", true), ("fibril.client.", false), ("fibril.client.producer_id", false),
        ("fibril.client.producer_seq", false), ("fibril", false), ("fibrils.x", false), ("Fibril.retries", false),
        ("STROMA.dlq.reason", false), ("x-fibril.retries", false), ("stroma", false), ("content-type", false), ("traceparent", false),
        ("", false),
    ];

    private static readonly (string Name, bool Valid)[] NameCandidates =
    [
        ("i", true), ("7", true), ("_", true), ("-", true), ("invoices", true), ("invoices.emea-2_b", true), ("a.b.c", true),
        ("-.-", true), (new string('n', 128), true), (new string('n', 129), false), ("", false), (".", false), ("..", false),
        (".invoices", false), ("invoices.", false), ("invoices..emea", false), ("Invoices", false), ("invoices/emea", false),
        ("invoices emea", false), (" invoices", false), ("größe", false), ("invoices\n", false), ("invoices\0", false), ("*", false),
        ("@node", false),
    ];

    private static readonly (string? Group, bool Ungrouped)[] Groups =
    [
        (null, true), ("", true), ("default", true), ("Default", false), ("DEFAULT", false), (" default", false), ("emea", false),
        ("defaults", false),
    ];

    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    internal static string Text() => new JsonObject
    {
        ["format"] = new JsonArray([.. Format.Select(line => (JsonNode?)line)]),
        ["messages"] = new JsonArray([.. GoldenMessages.All.Select(Describe)]),
        ["older_forms"] = new JsonArray([.. MalformedBodies.Older.Select(Describe)]),
        ["malformed"] = new JsonArray([.. MalformedBodies.All.Select(Describe)]),
        ["partition_hash"] = new JsonArray([.. HashKeys.Select(DescribeHash)]),
        ["reserved_headers"] = new JsonArray([.. HeaderKeys.Select(header =>
            (JsonNode?)new JsonObject { ["key"] = header.Key, ["reserved"] = header.Reserved })]),
        ["names"] = new JsonArray([.. NameCandidates.Select(candidate =>
            (JsonNode?)new JsonObject { ["name"] = candidate.Name, ["valid"] = candidate.Valid })]),
        ["default_groups"] = new JsonArray([.. Groups.Select(group =>
            (JsonNode?)new JsonObject { ["group"] = group.Group, ["default"] = group.Ungrouped })]),
    }.ToJsonString(Layout) + "\n";

    /// <summary>The word the file uses for a fault: <c>past_end</c> for <see cref="DecodeFault.PastEnd"/>.</summary>
    internal static string ReasonOf(DecodeFault fault) => fault switch
    {
        DecodeFault.WrongMagic => "wrong_magic",
        DecodeFault.PastEnd => "past_end",
        DecodeFault.UndefinedBool => "undefined_bool",
        DecodeFault.UndefinedOption => "undefined_option",
        DecodeFault.UndefinedValue => "undefined_value",
        DecodeFault.InvalidUtf8 => "invalid_utf8",
        DecodeFault.TrailingBytes => "trailing_bytes",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "Not a fault."),
    };

    private static JsonNode? Describe(GoldenMessage golden) => new JsonObject
    {
        ["name"] = golden.Name,
        ["opcode"] = (uint)golden.OpCode,
        ["request_id"] = JsonFields.Big(golden.RequestId),
        ["frame"] = Hex.Text(golden.Frame),
        ["fields"] = MessageCodecs.ByOpCode[golden.OpCode].Decode(golden.Body),
    };

    private static JsonNode? Describe(OlderExample older) => new JsonObject
    {
        ["name"] = older.Name,
        ["opcode"] = (uint)older.OpCode,
        ["body"] = older.Body,
        ["full_body"] = older.FullBody,
        ["fields"] = MessageCodecs.ByOpCode[older.OpCode].Decode(Hex.Bytes(older.FullBody)),
    };

    private static JsonNode? Describe(MalformedExample malformed) => new JsonObject
    {
        ["name"] = malformed.Name,
        ["opcode"] = (uint)malformed.OpCode,
        ["body"] = malformed.Body,
        ["reason"] = ReasonOf(malformed.Fault),
    };

    private static JsonNode? DescribeHash(string key)
    {
        byte[] bytes = Hex.Bytes(key);
        return new JsonObject
        {
            ["key"] = key,
            ["hash"] = JsonFields.Big(PartitionHash.Hash(bytes)),
            ["partitions"] = new JsonObject(PartitionCounts.Select(count => KeyValuePair.Create(
                count.ToString(System.Globalization.CultureInfo.InvariantCulture), (JsonNode?)PartitionHash.Choose(bytes, count)))),
        };
    }

    private static string Utf8(string text) => Hex.Text(Encoding.UTF8.GetBytes(text));
}
