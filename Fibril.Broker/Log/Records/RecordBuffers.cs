using System.Buffers;
using System.Numerics;

namespace Fibril.Broker.Log.Records;

/// <summary>
/// The memory of record blocks. Blocks come and go by the hundred when consumers fall behind and catch up, more than the shared pool
/// keeps; this one keeps up to a fixed number of bytes, whatever the mix of sizes. Thread-safe.
/// </summary>
internal static class RecordBuffers
{
    private const int SmallestBytes = 1 << 10;
    private const int LargestBytes = 1 << 20;
    // As much as the tail cache holds by default: what a burst has taken once is there for the next one.
    private const long MostKeptBytes = 64 << 20;

    private static readonly Stack<byte[]>[] Kept =
        [.. Enumerable.Range(0, ClassOf(LargestBytes) + 1).Select(static _ => new Stack<byte[]>())];

    private static long _keptBytes;

    /// <summary>A buffer of at least <paramref name="bytes"/> bytes, its content undefined.</summary>
    public static byte[] Rent(int bytes)
    {
        if (bytes > LargestBytes) return ArrayPool<byte>.Shared.Rent(bytes);
        int size = ClassOf(bytes);
        Stack<byte[]> kept = Kept[size];
        lock (kept)
        {
            if (kept.TryPop(out byte[]? buffer))
            {
                Interlocked.Add(ref _keptBytes, -buffer.Length);
                return buffer;
            }
        }

        return GC.AllocateUninitializedArray<byte>(SmallestBytes << size);
    }

    /// <summary>Gives a buffer back, once.</summary>
    public static void Return(byte[] buffer)
    {
        if (buffer.Length > LargestBytes)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return;
        }

        if (Interlocked.Add(ref _keptBytes, buffer.Length) > MostKeptBytes)
        {
            Interlocked.Add(ref _keptBytes, -buffer.Length);
            return;
        }

        Stack<byte[]> kept = Kept[ClassOf(buffer.Length)];
        lock (kept) kept.Push(buffer);
    }

    private static int ClassOf(int bytes) =>
        bytes <= SmallestBytes ? 0 : BitOperations.Log2((uint)(bytes - 1)) + 1 - BitOperations.Log2(SmallestBytes);
}
