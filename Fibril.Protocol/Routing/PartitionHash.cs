namespace Fibril.Protocol;

/// <summary>Chooses the partition of a keyed message, the same way in every client (HSH-1).</summary>
public static class PartitionHash
{
    private const ulong OffsetBasis = 0xcbf29ce484222325;
    private const ulong Prime = 0x100000001b3;

    /// <summary>FNV-1a over the key's bytes, 64 bit. A key without bytes is a key .</summary>
    public static ulong Hash(ReadOnlySpan<byte> key)
    {
        ulong hash = OffsetBasis;
        foreach (byte b in key) hash = unchecked((hash ^ b) * Prime);
        return hash;
    }

    /// <summary>The partition of <paramref name="key"/> among <paramref name="partitionCount"/>, which is at least 1.</summary>
    public static uint Choose(ReadOnlySpan<byte> key, uint partitionCount) => (uint)(Hash(key) % partitionCount);
}
