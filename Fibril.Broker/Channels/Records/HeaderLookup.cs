using Fibril.Protocol;

namespace Fibril.Broker.Channels.Records;

/// <summary>Finds headers of stored messages.</summary>
internal static class HeaderLookup
{
    /// <summary>True when a key has exactly this value. A key may be there twice, and then the last one counts.</summary>
    public static bool Has(this HeaderBlock headers, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        bool has = false;
        foreach (Header header in headers)
        {
            if (header.Key.SequenceEqual(key)) has = header.Value.SequenceEqual(value);
        }

        return has;
    }
}
