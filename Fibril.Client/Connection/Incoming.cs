using Fibril.Protocol;

namespace Fibril.Client.Connection;

/// <summary>Reads bodies that the broker sent; a malformed one is the end of the connection.</summary>
internal static class Incoming
{
    public static T Read<T>(OpCode opCode, ReadOnlySpan<byte> body) where T : IWireMessage<T> =>
        Frame.TryRead(body, out T message, out DecodeError error) ? message : throw Malformed(opCode, error);

    public static FibrilProtocolException Malformed(OpCode opCode, DecodeError error) =>
        new($"The broker sent a malformed frame of operation {opCode}: {error}.");
}
