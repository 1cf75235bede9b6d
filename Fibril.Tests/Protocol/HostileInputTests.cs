using System.Text.Json.Nodes;
using CsCheck;
using Fibril.Protocol;
using Fibril.Tests.Protocol.Codecs;
using Fibril.Tests.Protocol.Reference;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Protocol;

/// <summary>Bytes nobody meant well: never an exception, never memory that the body does not pay for.</summary>
public sealed class HostileInputTests
{
    private static readonly Gen<(uint At, byte Value, int Kind)[]> Damage =
        Gen.Select(Gen.UInt, Gen.Frequency((2, Gen.Byte), (1, Gen.OneOf<byte>(0, 1, 2, 0x7F, 0x80, 0xFF))), Gen.Int[0, 4]).Array[1, 4];

    public static TheoryData<OpCode> OpCodes => MessageCodecs.OpCodes;

    [Theory] // F-19
    [MemberData(nameof(OpCodes))]
    public void Random_bytes_are_judged_without_an_exception_and_within_the_allocation_limit(OpCode opCode) // V-3
    {
        MessageCodec codec = MessageCodecs.ByOpCode[opCode];
        Layout layout = Layouts.ByOpCode[opCode];
        byte[] smallest = layout.Encode(layout.Smallest).Bytes;
        byte[] magic = smallest[..Math.Min(4, smallest.Length)];
        Gen<byte> mostlySmall = Gen.Frequency((3, Gen.OneOf<byte>(0, 1, 2, 4)), (1, Gen.Byte));

        Gen.Select(Gen.Bool, mostlySmall.Array[0, 120], (withMagic, bytes) => withMagic ? [.. magic, .. bytes] : bytes).Sample(
            body => Judge(codec, layout, body), iter: TestScale.Iterations(2000), print: body => Hex.Text(body));
    }

    [Theory]
    [MemberData(nameof(OpCodes))]
    public void Damaged_bodies_are_accepted_exactly_when_they_still_follow_the_layout(OpCode opCode)
    {
        MessageCodec codec = MessageCodecs.ByOpCode[opCode];
        Layout layout = Layouts.ByOpCode[opCode];

        layout.Messages.Select(Damage, (message, damage) => Apply(layout.Encode(message).Bytes, damage)).Sample(
            body => Judge(codec, layout, body), iter: TestScale.Iterations(2000), print: body => Hex.Text(body));
    }

    [Theory] // many elements that are as small as can be: the worst case of every list
    [MemberData(nameof(LongLists))]
    public void Long_lists_of_the_smallest_elements_are_accepted_within_the_allocation_limit(OpCode opCode, string path, string element)
    {
        MessageCodec codec = MessageCodecs.ByOpCode[opCode];
        Layout layout = Layouts.ByOpCode[opCode];
        JsonObject message = layout.Smallest;
        message[path] = new JsonArray([.. Enumerable.Range(0, 2000).Select(_ => JsonNode.Parse(element))]);
        EncodedBody body = layout.Encode(message);

        AssertAccepted(body.Bytes);
        if (body.TrailingStart is { } end) AssertAccepted(body.Bytes[..end]);

        void AssertAccepted(byte[] bytes)
        {
            AllocationLimit.Check(bytes, codec, out bool accepted, out DecodeError error);
            Assert.True(accepted, error.ToString());
            Assert.Equal(message.ToJsonString(), codec.Decode(bytes).ToJsonString());
        }
    }

    [Fact]
    public void List_is_given_up_at_its_first_faulty_element()
    {
        MessageCodec codec = MessageCodecs.ByOpCode[OpCode.ReconcileServer];
        byte[] body = new byte[8 + (25 * 2000)];
        "FRS1"u8.CopyTo(body);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(4), 2000);
        long ofAllElements = AllocationLimit.Measure(body, codec, out bool accepted, out _);
        Assert.True(accepted);

        body[8 + 16] = 2; // the group option of the first subscription
        long ofOne = AllocationLimit.Measure(body, codec, out accepted, out _);

        Assert.False(accepted);
        Assert.InRange(ofOne, 0, (sizeof(long) * 2000) + 1000);
        Assert.True(ofAllElements > 4 * ofOne);
    }

    public static TheoryData<OpCode, string, string> LongLists
    {
        get
        {
            const string Address = """{"host": "", "port": 0, "tags": []}""";
            const string Tagged = """{"host": "h", "port": 0, "tags": ["t"]}""";
            const string Subscription = """
                {"sub_id": "0", "topic": "", "partition": 0, "group": null, "auto_ack": false, "prefetch": 0,
                 "consumer_group": null, "consumer_target": null, "member_id": null}
                """;
            const string Queue = """
                {"topic": "", "partition": 0, "group": null, "owner_endpoints": [], "partitioning_version": "0", "partition_count": 0}
                """;
            const string Stream = """
                {"topic": "", "partition": 0, "owner_endpoints": [], "partitioning_version": "0", "partition_count": 0}
                """;
            return new TheoryData<OpCode, string, string>
            {
                { OpCode.Publish, "headers", """["", ""]""" },
                { OpCode.Deliver, "headers", """["", ""]""" },
                { OpCode.Ack, "tags", "\"0\"" },
                { OpCode.RenewLease, "tags", "\"0\"" },
                { OpCode.RenewLeaseOk, "dead_tags", "\"0\"" },
                { OpCode.AssignmentChanged, "assigned", "0" },
                { OpCode.AssignmentChanged, "revoked", "0" },
                { OpCode.SubscribeStream, "filter", """{"header": "", "pattern": ""}""" },
                { OpCode.SubscribeStream, "filter", """{"header": "h", "pattern": "p"}""" },
                { OpCode.ReconcileClient, "subscriptions", Subscription },
                { OpCode.ReconcileServer, "subscriptions", Subscription },
                { OpCode.ReconcileResult, "subscriptions", """{"client": null, "server": null, "action": 0, "reason": "", "code": 0}""" },
                { OpCode.ReconcileResult, "subscriptions", """{"client": null, "server": null, "action": 0, "reason": "r", "code": 0}""" },
                { OpCode.TopologyOk, "queues", Queue },
                { OpCode.TopologyUpdate, "streams", Stream },
                { OpCode.Redirect, "owner_endpoints", Address },
                { OpCode.Redirect, "owner_endpoints", Tagged },
            };
        }
    }

    private static void Judge(MessageCodec codec, Layout layout, byte[] body)
    {
        AllocationLimit.Check(body, codec, out bool accepted, out DecodeError error);
        JsonObject? expected = layout.Decode(body);

        Assert.Equal(expected is not null, accepted);
        Assert.Equal(accepted, error.Fault == DecodeFault.None);
        if (expected is not null) Assert.Equal(expected.ToJsonString(), codec.Decode(body).ToJsonString());
        else Assert.InRange(error.Position, 0, body.Length);
    }

    private static byte[] Apply(byte[] body, (uint At, byte Value, int Kind)[] damage)
    {
        List<byte> bytes = [.. body];
        foreach ((uint at, byte value, int kind) in damage)
        {
            int place = (int)(at % (uint)(bytes.Count + 1));
            int length = Math.Min(value & 7, bytes.Count - place);
            switch (kind)
            {
                case 0: bytes.Insert(place, value); break;
                case 1: bytes.RemoveRange(place, length); break;
                case 2: bytes.InsertRange(place, bytes.GetRange(place, length)); break;
                default: if (place < bytes.Count) bytes[place] = value; break;
            }
        }

        return [.. bytes];
    }
}
