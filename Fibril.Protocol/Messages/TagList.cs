using System.Buffers.Binary;

namespace Fibril.Protocol;

/// <summary>Delivery tags in their encoded form: eight big-endian bytes each. A view; copies nothing.</summary>
public readonly ref struct TagList
{
    /// <summary>Encoded size of one tag, in bytes.</summary>
    public const int TagBytes = 8;

    private readonly ReadOnlySpan<byte> _encoded;

    /// <summary>Views tags that are encoded already, without the count.</summary>
    /// <exception cref="ArgumentException">The length is not a multiple of <see cref="TagBytes"/>.</exception>
    public TagList(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length % TagBytes != 0) throw new ArgumentException("A tag takes eight bytes.", nameof(encoded));
        _encoded = encoded;
    }

    /// <summary>Number of tags.</summary>
    public int Count => _encoded.Length / TagBytes;

    /// <summary>The tag at <paramref name="index"/>.</summary>
    public ulong this[int index] => BinaryPrimitives.ReadUInt64BigEndian(_encoded[(index * TagBytes)..]);

    internal int Measure() => 4 + _encoded.Length;

    internal void Write(ref WireWriter writer)
    {
        writer.WriteU32((uint)Count);
        writer.WriteRaw(_encoded);
    }

    internal static TagList Read(scoped ref WireReader reader)
    {
        int count = reader.ReadCount(TagBytes);
        return new TagList(reader.Take(count * TagBytes));
    }
}
