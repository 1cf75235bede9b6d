using System.Text.Json.Nodes;
using Fibril.Protocol;
using Fibril.Tests.Protocol.Codecs;
using Fibril.Tests.Protocol.Reference;
using Fibril.Tests.Protocol.Vectors;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Protocol;

public sealed class BodyExampleTests
{
    public static TheoryData<string> ValidNames => [.. BodyExamples.Valid.Select(example => example.Name)];

    public static TheoryData<string> OlderNames => [.. BodyExamples.Older.Select(example => example.Name)];

    public static TheoryData<string> MalformedNames => [.. BodyExamples.Malformed.Select(example => example.Name)];

    [Theory]
    [MemberData(nameof(ValidNames))]
    public void Valid_body_decodes_and_encodes_to_the_same_bytes(string name)
    {
        BodyExample example = BodyExamples.Valid.Single(e => e.Name == name);
        byte[] body = Hex.Bytes(example.Body);
        MessageCodec codec = MessageCodecs.ByOpCode[example.OpCode];

        JsonObject fields = codec.Decode(body);

        Assert.Equal(Layouts.ByOpCode[example.OpCode].Decode(body)?.ToJsonString(), fields.ToJsonString());
        Assert.Equal(Hex.Text(body), Hex.Text(codec.EncodeBody(fields)));
    }

    [Theory] // ENC-2
    [MemberData(nameof(OlderNames))]
    public void Body_of_an_older_peer_means_the_same_as_the_full_form_which_is_what_is_written(string name)
    {
        OlderExample example = BodyExamples.Older.Single(e => e.Name == name);
        MessageCodec codec = MessageCodecs.ByOpCode[example.OpCode];

        JsonObject fields = codec.Decode(Hex.Bytes(example.Body));

        Assert.Equal(codec.Decode(Hex.Bytes(example.FullBody)).ToJsonString(), fields.ToJsonString());
        Assert.Equal(example.FullBody.ReplaceLineEndings(""), Hex.Text(codec.EncodeBody(fields)));
    }

    [Theory]
    [MemberData(nameof(MalformedNames))]
    public void Malformed_body_is_refused_and_the_fault_named(string name)
    {
        MalformedExample example = BodyExamples.Malformed.Single(e => e.Name == name);

        Assert.False(MessageCodecs.ByOpCode[example.OpCode].Accepts(Hex.Bytes(example.Body), out DecodeError error));
        Assert.Equal(example.Fault, error.Fault);
        Assert.Null(Layouts.ByOpCode[example.OpCode].Decode(Hex.Bytes(example.Body)));
    }
}
