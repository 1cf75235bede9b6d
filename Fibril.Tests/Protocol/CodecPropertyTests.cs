using System.Text.Json.Nodes;
using CsCheck;
using Fibril.Protocol;
using Fibril.Tests.Protocol.Codecs;
using Fibril.Tests.Protocol.Reference;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Protocol;

/// <summary>What holds for every message, on random ones: the codec against an independent statement of the layouts.</summary>
public sealed class CodecPropertyTests
{
    public static TheoryData<OpCode> OpCodes => MessageCodecs.OpCodes;

    [Theory]
    [MemberData(nameof(OpCodes))]
    public void Message_survives_the_way_to_bytes_and_back(OpCode opCode)
    {
        MessageCodec codec = MessageCodecs.ByOpCode[opCode];
        Layout layout = Layouts.ByOpCode[opCode];

        layout.Messages.Sample(
            message =>
            {
                byte[] body = codec.EncodeBody(message);
                Assert.Equal(Hex.Text(layout.Encode(message).Bytes), Hex.Text(body));
                Assert.Equal(message.ToJsonString(), codec.Decode(body).ToJsonString());
            },
            iter: TestScale.Iterations(500), print: message => message.ToJsonString());
    }

    [Theory] // ENC-2
    [MemberData(nameof(OpCodes))]
    public void Body_that_is_cut_short_is_refused_unless_an_older_peer_would_have_stopped_there(OpCode opCode) // V-2
    {
        MessageCodec codec = MessageCodecs.ByOpCode[opCode];
        Layout layout = Layouts.ByOpCode[opCode];

        layout.Messages.Sample(
            message =>
            {
                EncodedBody body = layout.Encode(message);
                for (int length = 0; length < body.Bytes.Length; length++)
                    Assert.Equal(length == body.TrailingStart, codec.Accepts(body.Bytes.AsSpan(0, length), out _));
            },
            iter: TestScale.Iterations(100), print: message => message.ToJsonString());
    }

    [Theory] // ENC-2
    [MemberData(nameof(OpCodes))]
    public void Body_with_one_byte_too_many_is_refused(OpCode opCode) // V-2
    {
        MessageCodec codec = MessageCodecs.ByOpCode[opCode];
        Layout layout = Layouts.ByOpCode[opCode];

        layout.Messages.Sample(
            message =>
            {
                byte[] body = layout.Encode(message).Bytes;
                for (int extra = 0; extra <= byte.MaxValue; extra++)
                {
                    Assert.False(codec.Accepts([.. body, (byte)extra], out DecodeError error));
                    Assert.Equal(new DecodeError(DecodeFault.TrailingBytes, body.Length), error);
                }
            },
            iter: TestScale.Iterations(10), print: message => message.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(OpCodes))]
    public void Undefined_bool_option_enum_or_union_tag_is_refused_wherever_it_stands(OpCode opCode) // V-5
    {
        MessageCodec codec = MessageCodecs.ByOpCode[opCode];
        Layout layout = Layouts.ByOpCode[opCode];

        layout.Messages.Sample(
            message =>
            {
                EncodedBody body = layout.Encode(message);
                foreach (Mark mark in body.Marks)
                {
                    DecodeFault expected = mark.Kind switch
                    {
                        MarkKind.Bool => DecodeFault.UndefinedBool,
                        MarkKind.Option => DecodeFault.UndefinedOption,
                        MarkKind.Closed => DecodeFault.UndefinedValue,
                        _ => DecodeFault.None,
                    };
                    if (expected == DecodeFault.None) continue;

                    foreach (int undefined in (ReadOnlySpan<int>)[mark.Limit + 1, 0x80, 0xFF])
                        AssertRefused(codec, body.Bytes, mark.Position, [(byte)undefined], new DecodeError(expected, mark.Position));
                }
            },
            iter: TestScale.Iterations(60), print: message => message.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(OpCodes))]
    public void Text_that_is_not_UTF8_is_refused_wherever_it_stands(OpCode opCode)
    {
        MessageCodec codec = MessageCodecs.ByOpCode[opCode];
        Layout layout = Layouts.ByOpCode[opCode];

        layout.Messages.Sample(
            message =>
            {
                EncodedBody body = layout.Encode(message);
                foreach (Mark mark in body.Marks.Where(mark => mark.Kind == MarkKind.Text))
                {
                    var error = new DecodeError(DecodeFault.InvalidUtf8, mark.Position - sizeof(uint));
                    AssertRefused(codec, body.Bytes, mark.Position, [0xFF], error);
                    AssertRefused(codec, body.Bytes, mark.Position + mark.Limit - 1, [0xC3], error);
                }
            },
            iter: TestScale.Iterations(60), print: message => message.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(OpCodes))]
    public void Length_or_count_that_the_body_cannot_hold_is_refused_before_anything_is_allocated_for_it(OpCode opCode)
    {
        MessageCodec codec = MessageCodecs.ByOpCode[opCode];
        Layout layout = Layouts.ByOpCode[opCode];

        layout.Messages.Sample(
            message =>
            {
                EncodedBody body = layout.Encode(message);
                foreach (Mark mark in body.Marks.Where(mark => mark.Kind is MarkKind.Length or MarkKind.Count))
                {
                    int rest = body.Bytes.Length - mark.Position - sizeof(uint);
                    uint firstTooLarge = (uint)(rest / mark.Limit) + 1;
                    foreach (uint tooLarge in (ReadOnlySpan<uint>)[firstTooLarge, int.MaxValue, 1U << 31, uint.MaxValue])
                    {
                        byte[] value = new byte[sizeof(uint)];
                        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(value, tooLarge);
                        int refusedAt = mark.Kind == MarkKind.Count ? mark.Position : mark.Position + sizeof(uint);
                        AssertRefused(codec, body.Bytes, mark.Position, value, new DecodeError(DecodeFault.PastEnd, refusedAt));
                    }
                }
            },
            iter: TestScale.Iterations(50), print: message => message.ToJsonString());
    }

    [Theory] // OPS-2
    [MemberData(nameof(OpCodes))]
    public void Body_under_another_magic_is_refused(OpCode opCode)
    {
        MessageCodec codec = MessageCodecs.ByOpCode[opCode];
        byte[] body = Layouts.ByOpCode[opCode].Encode(Layouts.ByOpCode[opCode].Smallest).Bytes;
        if (body.Length == 0)
        {
            Assert.False(codec.Accepts("FAO1"u8, out DecodeError error));
            Assert.Equal(new DecodeError(DecodeFault.TrailingBytes, 0), error);
            return;
        }

        for (int i = 0; i < 4; i++)
            AssertRefused(codec, body, i, [(byte)(body[i] ^ 0x20)], new DecodeError(DecodeFault.WrongMagic, 0));
    }

    private static void AssertRefused(MessageCodec codec, byte[] body, int position, ReadOnlySpan<byte> replacement, DecodeError expected)
    {
        byte[] broken = [.. body];
        replacement.CopyTo(broken.AsSpan(position));
        AllocationLimit.Check(broken, codec, out bool accepted, out DecodeError error);
        Assert.False(accepted, $"accepted: {Hex.Text(broken)}");
        Assert.Equal(expected, error);
    }
}
