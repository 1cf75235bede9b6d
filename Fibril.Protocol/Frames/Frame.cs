using System.Buffers;

namespace Fibril.Protocol;

/// <summary>Reads and writes whole frames. Stateless and thread-safe.</summary>
public static class Frame
{
    private const int MagicBytes = 4;

    /// <summary>Size of the whole frame for <paramref name="message"/>, header included, in bytes.</summary>
    /// <exception cref="OverflowException">The frame would be larger than 2^31 - 1 bytes (FRM-6).</exception>
    public static int Measure<T>(scoped in T message) where T : IWireMessage<T>, allows ref struct =>
        checked(FrameHeader.Size + MeasureBody(in message));

    /// <summary>Writes a frame to the start of <paramref name="destination"/> and returns its size in bytes.</summary>
    /// <exception cref="ArgumentException">The destination is smaller than <see cref="Measure"/> says.</exception>
    public static int Write<T>(Span<byte> destination, ulong requestId, scoped in T message)
        where T : IWireMessage<T>, allows ref struct => Write(destination, T.OpCode, requestId, in message);

    /// <summary>Appends a frame to <paramref name="output"/>.</summary>
    public static void Write<T>(IBufferWriter<byte> output, ulong requestId, scoped in T message)
        where T : IWireMessage<T>, allows ref struct
    {
        int size = Measure(in message);
        output.Advance(Write(output.GetSpan(size), requestId, in message));
    }

    /// <summary>Appends an error frame under one of the four operations that carry an error body.</summary>
    public static void WriteError(IBufferWriter<byte> output, OpCode opCode, ulong requestId, ErrorMessage message)
    {
        int size = Measure(in message);
        output.Advance(Write(output.GetSpan(size), opCode, requestId, in message));
    }

    /// <summary>Decodes a body. Never throws on hostile input and never allocates more than the body justifies.</summary>
    /// <param name="body">The bytes after the frame header. Messages that are ref structs keep views of it.</param>
    /// <param name="message">The message when the result is true; meaningless otherwise.</param>
    /// <param name="error">What is wrong with the body when the result is false.</param>
    public static bool TryRead<T>(ReadOnlySpan<byte> body, out T message, out DecodeError error)
        where T : IWireMessage<T>, allows ref struct
    {
        var reader = new WireReader(body);
        if (T.Magic != 0) reader.ExpectMagic(T.Magic);
        message = T.ReadFields(ref reader);
        reader.ExpectEnd();
        error = reader.Error;
        return !reader.Failed;
    }

    private static int MeasureBody<T>(scoped in T message) where T : IWireMessage<T>, allows ref struct =>
        T.Magic == 0 ? 0 : checked(MagicBytes + message.MeasureFields());

    private static int Write<T>(Span<byte> destination, OpCode opCode, ulong requestId, scoped in T message)
        where T : IWireMessage<T>, allows ref struct
    {
        int bodyBytes = MeasureBody(in message);
        new FrameHeader((uint)bodyBytes, opCode, requestId).Write(destination);
        var writer = new WireWriter(destination.Slice(FrameHeader.Size, bodyBytes));
        if (T.Magic != 0) writer.WriteU32(T.Magic);
        message.WriteFields(ref writer);
        return FrameHeader.Size + writer.Written;
    }
}
