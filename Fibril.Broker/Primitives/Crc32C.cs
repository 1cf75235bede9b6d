using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fibril.Broker.Primitives;

/// <summary>CRC-32C (Castagnoli) in the processor's own instruction, eight bytes a step.</summary>
internal static class Crc32C
{
    /// <summary>Checksum of <paramref name="data"/>. Another <paramref name="seed"/> gives an unrelated checksum for the same bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> data, uint seed = 0)
    {
        uint crc = ~seed;
        ref byte start = ref MemoryMarshal.GetReference(data);
        int position = 0;
        for (; position <= data.Length - sizeof(ulong); position += sizeof(ulong))
            crc = BitOperations.Crc32C(crc, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, position)));

        for (; position < data.Length; position++)
            crc = BitOperations.Crc32C(crc, Unsafe.Add(ref start, position));

        return ~crc;
    }
}
