using System.Text.Json.Nodes;
using Fibril.Protocol;
using Fibril.Tests.Protocol.Codecs;
using Fibril.Tests.Protocol.Reference;
using Fibril.Tests.Protocol.Vectors;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Protocol;

/// <summary>One complete frame per message, with the values that are stated beside its bytes.</summary>
public sealed class AnnotatedExampleTests
{
    public static TheoryData<OpCode> OpCodes => MessageCodecs.OpCodes;

    [Fact]
    public void There_is_an_example_a_layout_and_a_codec_for_every_operation()
    {
        Assert.Equal(36, AnnotatedExamples.ByOpCode.Count);
        Assert.Equal(Enum.GetValues<OpCode>(), AnnotatedExamples.ByOpCode.Keys.Order());
        Assert.Equal(Enum.GetValues<OpCode>(), Layouts.ByOpCode.Keys.Order());
        Assert.Equal(Enum.GetValues<OpCode>(), MessageCodecs.ByOpCode.Keys.Order());
    }

    [Theory]
    [MemberData(nameof(OpCodes))]
    public void Header_of_the_example_announces_its_body_operation_and_request(OpCode opCode)
    {
        AnnotatedExample example = AnnotatedExamples.ByOpCode[opCode];
        byte[] frame = Hex.Bytes(example.Frame);

        Assert.True(FrameHeader.TryRead(frame, out FrameHeader header));
        Assert.Equal(new FrameHeader((uint)(frame.Length - FrameHeader.Size), opCode, example.RequestId), header);
    }

    [Theory]
    [MemberData(nameof(OpCodes))]
    public void Example_decodes_to_its_stated_values(OpCode opCode) // V-1
    {
        AnnotatedExample example = AnnotatedExamples.ByOpCode[opCode];
        byte[] body = Hex.Bytes(example.Frame)[FrameHeader.Size..];
        string stated = JsonNode.Parse(example.Fields)!.ToJsonString();

        Assert.Equal(stated, MessageCodecs.ByOpCode[opCode].Decode(body).ToJsonString());
        Assert.Equal(stated, Layouts.ByOpCode[opCode].Decode(body)?.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(OpCodes))]
    public void Stated_values_encode_to_the_bytes_of_the_example(OpCode opCode) // V-1
    {
        AnnotatedExample example = AnnotatedExamples.ByOpCode[opCode];
        byte[] frame = Hex.Bytes(example.Frame);
        JsonObject stated = JsonNode.Parse(example.Fields)!.AsObject();

        Assert.Equal(Hex.Text(frame), Hex.Text(MessageCodecs.ByOpCode[opCode].EncodeFrame(example.RequestId, stated)));
        Assert.Equal(Hex.Text(frame.AsSpan(FrameHeader.Size)), Hex.Text(Layouts.ByOpCode[opCode].Encode(stated).Bytes));
    }
}
