using System.Buffers.Binary;
using Fibril.Protocol;

namespace Fibril.Tests.Support;

/// <summary>Frames as bytes of their own, for peers that are not our client or our broker.</summary>
internal static class FrameBytes
{
    /// <summary>The frame of a message.</summary>
    public static byte[] Of<T>(ulong requestId, scoped in T message) where T : IWireMessage<T>, allows ref struct
    {
        var frame = new byte[Frame.Measure(in message)];
        Frame.Write(frame, requestId, in message);
        return frame;
    }

    /// <summary>A frame with any operation and any body.</summary>
    public static byte[] Of(OpCode opCode, ulong requestId, params byte[] body)
    {
        var frame = new byte[FrameHeader.Size + body.Length];
        new FrameHeader((uint)body.Length, opCode, requestId).Write(frame);
        body.CopyTo(frame.AsSpan(FrameHeader.Size));
        return frame;
    }

    /// <summary>Delivery tags as ACK and NACK carry them.</summary>
    public static byte[] OfTags(params ReadOnlySpan<ulong> tags)
    {
        var encoded = new byte[tags.Length * TagList.TagBytes];
        for (int i = 0; i < tags.Length; i++) BinaryPrimitives.WriteUInt64BigEndian(encoded.AsSpan(i * TagList.TagBytes), tags[i]);
        return encoded;
    }
}
