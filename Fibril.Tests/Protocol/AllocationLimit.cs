using Fibril.Protocol;
using Fibril.Tests.Protocol.Codecs;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Protocol;

/// <summary>
/// What decoding may allocate: a multiple of the body and a little. The multiple is what many tiny elements cost as objects
/// (an endpoint with one tag of one letter takes 16 bytes in the body and 128 in memory).
/// </summary>
internal static class AllocationLimit
{
    private const int PerBodyByte = 9;
    private const int Always = 512;
    private const int MostAttempts = 3;

    internal static void Check(byte[] body, MessageCodec codec, out bool accepted, out DecodeError error)
    {
        // The runtime allocates on the same account, once: for a type it loads, for code it compiles. What a body costs, it costs every time.
        long allocated = long.MaxValue;
        int attempt = 0;
        do
        {
            allocated = Math.Min(allocated, Measure(body, codec, out accepted, out error));
            if (allocated <= Always + ((long)PerBodyByte * body.Length)) return;
        }
        while (++attempt < MostAttempts);

        string start = Hex.Text(body.AsSpan(0, Math.Min(body.Length, 200)));
        Assert.Fail($"{codec} allocated {allocated} bytes for a body of {body.Length}: {start}");
    }

    /// <summary>Bytes allocated by decoding <paramref name="body"/>.</summary>
    internal static long Measure(byte[] body, MessageCodec codec, out bool accepted, out DecodeError error)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        accepted = codec.Accepts(body, out error);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
