using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Fibril.Protocol;
using Fibril.Tests.Protocol.Codecs;
using Fibril.Tests.Protocol.Reference;
using Fibril.Tests.Protocol.Vectors;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Protocol;

/// <summary>The vector file that the tests of all clients share, read back the way a client reads it.</summary>
public sealed class VectorFileTests
{
    private static readonly string FilePath = Repository.PathOf("clients", "wire_vectors.json");

    [Fact] // FIBRIL_WRITE_VECTORS=1 writes the file anew: look at the difference before it is committed
    public void File_holds_what_the_library_writes_today()
    {
        if (Environment.GetEnvironmentVariable("FIBRIL_WRITE_VECTORS") == "1") File.WriteAllText(FilePath, VectorFile.Text());

        Assert.Equal(VectorFile.Text(), File.ReadAllText(FilePath));
    }

    [Fact]
    public void Every_frame_decodes_to_its_fields_and_encodes_to_the_same_bytes() // V-1
    {
        foreach (JsonNode vector in Section("messages"))
        {
            byte[] frame = vector.Bytes("frame");
            MessageCodec codec = CodecOf(vector);

            Assert.True(FrameHeader.TryRead(frame, out FrameHeader header));
            Assert.Equal(new FrameHeader((uint)(frame.Length - FrameHeader.Size), codec.OpCode, vector.U64("request_id")), header);
            string fields = vector["fields"]!.ToJsonString();
            Assert.Equal(fields, codec.Decode(frame.AsSpan(FrameHeader.Size)).ToJsonString());
            Assert.Equal(fields, Layouts.ByOpCode[codec.OpCode].Decode(frame[FrameHeader.Size..])?.ToJsonString());
            Assert.Equal(vector.Text("frame"), Hex.Text(codec.EncodeFrame(header.RequestId, vector["fields"]!.AsObject())));
        }
    }

    [Fact]
    public void Every_operation_and_every_variant_of_every_union_and_enum_is_in_the_file()
    {
        JsonNode[] messages = Section("messages");
        Assert.Equal(Enum.GetValues<OpCode>(), messages.Select(vector => CodecOf(vector).OpCode).Distinct().Order());

        Assert.Equal([0, 1, 2, 3, 4], NumbersUnder("content_type"));
        Assert.Equal([0, 1, 2, 3, 4], NumbersUnder("start"));
        Assert.Equal([0, 1, 2], NumbersUnder("dlq_policy"));
        Assert.Equal([0, 1, 2, 3, 4], NumbersUnder("resume_outcome"));
        Assert.Equal([0, 1, 2], NumbersUnder("durability"));
        Assert.Equal([0, 1], NumbersUnder("policy"));
        Assert.Equal([0, 1, 2, 3], NumbersUnder("action"));

        IEnumerable<uint> NumbersUnder(string name) => messages.SelectMany(vector => Find(vector["fields"], name)).Distinct().Order();
    }

    [Fact] // ENC-2
    public void Older_forms_decode_to_the_fields_of_the_full_form()
    {
        foreach (JsonNode vector in Section("older_forms"))
        {
            MessageCodec codec = CodecOf(vector);
            string fields = vector["fields"]!.ToJsonString();

            Assert.StartsWith(vector.Text("body"), vector.Text("full_body"), StringComparison.Ordinal);
            Assert.Equal(fields, codec.Decode(vector.Bytes("body")).ToJsonString());
            Assert.Equal(fields, codec.Decode(vector.Bytes("full_body")).ToJsonString());
            Assert.Equal(vector.Text("full_body"), Hex.Text(codec.EncodeBody(vector["fields"]!.AsObject())));
        }
    }

    [Fact]
    public void Malformed_bodies_are_refused_for_the_reason_given()
    {
        foreach (JsonNode vector in Section("malformed"))
        {
            MessageCodec codec = CodecOf(vector);

            Assert.False(codec.Accepts(vector.Bytes("body"), out DecodeError error), vector.Text("name"));
            Assert.Equal((vector.Text("name"), vector.Text("reason")), (vector.Text("name"), VectorFile.ReasonOf(error.Fault)));
            Assert.Null(Layouts.ByOpCode[codec.OpCode].Decode(vector.Bytes("body")));
        }
    }

    [Fact]
    public void Names_of_vectors_are_unique_within_their_section()
    {
        foreach (string section in (string[])["messages", "older_forms", "malformed"])
        {
            string[] names = [.. Section(section).Select(vector => vector.Text("name"))];
            Assert.Equal(names.Length, names.Distinct().Count());
        }
    }

    [Fact] // HSH-1, Q-21, in arithmetic that cannot overflow
    public void Partition_hashes_are_FNV_1a_of_64_bits()
    {
        var modulus = System.Numerics.BigInteger.One << 64;
        foreach (JsonNode vector in Section("partition_hash"))
        {
            System.Numerics.BigInteger hash = 0xcbf29ce484222325;
            foreach (byte b in vector.Bytes("key")) hash = (hash ^ b) * 0x100000001b3 % modulus;

            Assert.Equal(hash.ToString(CultureInfo.InvariantCulture), vector.Text("hash"));
            foreach ((string count, JsonNode? partition) in vector["partitions"]!.AsObject())
                Assert.Equal((uint)(hash % uint.Parse(count, CultureInfo.InvariantCulture)), partition!.GetValue<uint>());
        }
    }

    [Fact] // HDR-1, NAM-1 and NAM-3
    public void Reserved_headers_names_and_groups_are_judged_as_the_file_says()
    {
        foreach (JsonNode vector in Section("reserved_headers"))
            Assert.Equal(vector.Flag("reserved"), ReservedHeaders.IsReserved(Encoding.UTF8.GetBytes(vector.Text("key"))));
        foreach (JsonNode vector in Section("names"))
            Assert.Equal(vector.Flag("valid"), Names.IsValid(Encoding.UTF8.GetBytes(vector.Text("name"))));
        foreach (JsonNode vector in Section("default_groups"))
            Assert.Equal(vector.Flag("default"), Names.NormaliseGroup(vector.OptionalText("group")) is null);
    }

    private static JsonNode[] Section(string name)
    {
        JsonNode[] vectors = [.. JsonNode.Parse(File.ReadAllText(FilePath))![name]!.AsArray().Select(vector => vector!)];
        Assert.NotEmpty(vectors);
        return vectors;
    }

    /// <summary>Every enum value, and the tag of every union, that stands under <paramref name="name"/> at any depth.</summary>
    private static IEnumerable<uint> Find(JsonNode? node, string name) => node switch
    {
        JsonArray items => items.SelectMany(item => Find(item, name)),
        JsonObject members => members.SelectMany(member => member switch
        {
            { Value: null } => [],
            _ when member.Key != name => Find(member.Value, name),
            { Value: JsonObject union } => [union.U32("tag")],
            _ => [member.Value.GetValue<uint>()],
        }),
        _ => [],
    };

    private static MessageCodec CodecOf(JsonNode vector) => MessageCodecs.ByOpCode[(OpCode)vector.U32("opcode")];
}
