using System.Buffers.Binary;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.Storage;

/// <summary>Offsets as they stand in event records: runs of neighbours, each a start (i64) and a count (u32), little-endian.</summary>
internal static class OffsetRuns
{
    public const int RunBytes = 12;

    /// <summary>Bytes that sorted offsets take.</summary>
    public static int Measure(List<long> sorted)
    {
        int runs = 1;
        for (int i = 1; i < sorted.Count; i++)
        {
            if (sorted[i] != sorted[i - 1] + 1) runs++;
        }

        return runs * RunBytes;
    }

    public static void Write(Span<byte> destination, List<long> sorted)
    {
        for (int i = 0; i < sorted.Count;)
        {
            int start = i++;
            while (i < sorted.Count && sorted[i] == sorted[i - 1] + 1) i++;
            BinaryPrimitives.WriteInt64LittleEndian(destination, sorted[start]);
            BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], (uint)(i - start));
            destination = destination[RunBytes..];
        }
    }

    /// <summary>Bytes that ranges take.</summary>
    public static int Measure(List<OffsetRange> ranges) =>
        checked((int)(ranges.Sum(static range => (range.Count + uint.MaxValue - 1) / uint.MaxValue) * RunBytes));

    public static void Write(Span<byte> destination, List<OffsetRange> ranges)
    {
        foreach (OffsetRange range in ranges)
        {
            for (long start = range.Start; start < range.End; start += uint.MaxValue)
            {
                BinaryPrimitives.WriteInt64LittleEndian(destination, start);
                BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], (uint)Math.Min(range.End - start, uint.MaxValue));
                destination = destination[RunBytes..];
            }
        }
    }

    /// <summary>True for bytes that can be runs.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> runs) => runs.Length % RunBytes == 0;

    /// <summary>Takes the first run off <paramref name="runs"/>, which is not empty.</summary>
    public static OffsetRange Take(ref ReadOnlySpan<byte> runs)
    {
        long start = BinaryPrimitives.ReadInt64LittleEndian(runs);
        var run = new OffsetRange(start, start + BinaryPrimitives.ReadUInt32LittleEndian(runs[8..]));
        runs = runs[RunBytes..];
        return run;
    }
}
