using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Fibril.Broker.Channels.Records;
using Fibril.Protocol;

namespace Fibril.Broker.Channels.Tracing;

/// <summary>Reads W3C trace contexts from stored messages.</summary>
internal static class TraceHeaders
{
    private const int ParentLength = 55; // version 00: two, 32, 16 and two hexadecimal digits, with dashes between them
    private const int FlagsAt = 54;      // the last digit; its lowest bit says that the trace is sampled

    /// <summary>The context of a message whose producer's trace is sampled; null for every other, and that allocates nothing.</summary>
    /// <param name="tail">Content type, headers and payload, as stored.</param>
    public static ActivityContext? ReadSampled(ReadOnlySpan<byte> tail)
    {
        // Mostly there are none.
        if (BinaryPrimitives.ReadUInt32BigEndian(tail[MessageTail.HeadersAt(tail)..]) == 0) return null;
        var reader = new WireReader(tail);
        ContentType.Read(ref reader);
        ReadOnlySpan<byte> parent = default;
        ReadOnlySpan<byte> state = default;
        foreach (Header header in HeaderBlock.Read(ref reader))
        {
            if (header.Key.SequenceEqual("traceparent"u8)) parent = header.Value;
            else if (header.Key.SequenceEqual("tracestate"u8)) state = header.Value;
        }

        if (parent.Length < ParentLength || !IsOdd(parent[FlagsAt])) return null;
        string? vendor = state.IsEmpty ? null : Encoding.UTF8.GetString(state);
        return ActivityContext.TryParse(Encoding.UTF8.GetString(parent), vendor, isRemote: true, out ActivityContext context) ? context : null;
    }

    private static bool IsOdd(byte hexDigit) => (hexDigit is >= (byte)'0' and <= (byte)'9' ? hexDigit - '0' : hexDigit - 'a' + 10) % 2 == 1;
}
