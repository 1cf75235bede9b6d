using System.Text.Json.Nodes;
using Fibril.Protocol;
using Xunit;

namespace Fibril.Tests.Protocol.Codecs;

/// <summary>The library's codec of one operation, seen through the field names and JSON values that all clients' tests share.</summary>
internal abstract class MessageCodec
{
    internal abstract OpCode OpCode { get; }

    /// <summary>Decodes and drops the message: what is measured and bombarded.</summary>
    internal abstract bool Accepts(ReadOnlySpan<byte> body, out DecodeError error);

    internal abstract JsonObject Decode(ReadOnlySpan<byte> body);

    internal abstract byte[] EncodeFrame(ulong requestId, JsonObject fields);

    internal byte[] EncodeBody(JsonObject fields) => EncodeFrame(0, fields)[FrameHeader.Size..];

    public override string ToString() => OpCode.ToString();
}

internal sealed class MessageCodec<T>(Func<T, JsonObject> describe, Func<JsonObject, T> build) : MessageCodec
    where T : IWireMessage<T>, allows ref struct
{
    internal override OpCode OpCode => T.OpCode;

    internal override bool Accepts(ReadOnlySpan<byte> body, out DecodeError error) => Frame.TryRead<T>(body, out _, out error);

    internal override JsonObject Decode(ReadOnlySpan<byte> body)
    {
        Assert.True(Frame.TryRead(body, out T message, out DecodeError error), error.ToString());
        return describe(message);
    }

    internal override byte[] EncodeFrame(ulong requestId, JsonObject fields)
    {
        T message = build(fields);
        byte[] frame = new byte[Frame.Measure(in message)];
        Assert.Equal(frame.Length, Frame.Write(frame, requestId, in message));
        return frame;
    }
}

/// <summary>The three operations that carry the body of ERROR under another number.</summary>
internal sealed class ErrorCodec(OpCode opCode) : MessageCodec
{
    private readonly MessageCodec<ErrorMessage> _inner = new(MessageFields.Of, MessageFields.ToError);

    internal override OpCode OpCode => opCode;

    internal override bool Accepts(ReadOnlySpan<byte> body, out DecodeError error) => _inner.Accepts(body, out error);

    internal override JsonObject Decode(ReadOnlySpan<byte> body) => _inner.Decode(body);

    internal override byte[] EncodeFrame(ulong requestId, JsonObject fields)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        Frame.WriteError(output, opCode, requestId, MessageFields.ToError(fields));
        return output.WrittenSpan.ToArray();
    }
}
