using System.Buffers.Binary;

namespace Fibril.Protocol;

/// <summary>A header map in its encoded form: a count, then keys and values. A view; copies nothing.</summary>
/// <remarks>
/// Blocks read from a body are validated. Order has no meaning; when a key is repeated the last one wins.
/// Build one with <see cref="HeaderBlockBuilder"/>.
/// </remarks>
public readonly ref struct HeaderBlock
{
    private const int CountBytes = 4;
    private const int SmallestEntryBytes = 8;

    private readonly ReadOnlySpan<byte> _encoded;

    internal HeaderBlock(ReadOnlySpan<byte> encoded) => _encoded = encoded;

    /// <summary>The map without entries.</summary>
    public static HeaderBlock Empty => default;

    /// <summary>The map as it goes over the wire, count included.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded.IsEmpty ? "\0\0\0\0"u8 : _encoded;

    /// <summary>The entries without the count.</summary>
    public ReadOnlySpan<byte> EncodedEntries => Encoded[CountBytes..];

    /// <summary>Number of entries, repeated keys included.</summary>
    public int Count => (int)BinaryPrimitives.ReadUInt32BigEndian(Encoded);

    /// <summary>Enumerates keys and values in wire order.</summary>
    public Enumerator GetEnumerator() => new(EncodedEntries);

    /// <summary>Trusts <paramref name="encoded"/>, which was validated when it was first read.</summary>
    public static HeaderBlock FromValidated(ReadOnlySpan<byte> encoded) => new(encoded);

    /// <summary>Reads and validates a map; the result is a view of the body.</summary>
    public static HeaderBlock Read(scoped ref WireReader reader)
    {
        int mark = reader.Mark();
        int count = reader.ReadCount(SmallestEntryBytes);
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            reader.ReadUtf8();
            reader.ReadUtf8();
        }

        return new HeaderBlock(reader.Since(mark));
    }

    /// <summary>Walks a header block.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;

        internal Enumerator(ReadOnlySpan<byte> entries) => _rest = entries;

        /// <summary>The entry the enumerator stands on.</summary>
        public Header Current { get; private set; }

        /// <summary>Steps to the next entry; false at the end.</summary>
        public bool MoveNext()
        {
            if (_rest.IsEmpty) return false;
            ReadOnlySpan<byte> key = TakeText();
            Current = new Header(key, TakeText());
            return true;
        }

        private ReadOnlySpan<byte> TakeText()
        {
            int length = (int)BinaryPrimitives.ReadUInt32BigEndian(_rest);
            ReadOnlySpan<byte> text = _rest.Slice(4, length);
            _rest = _rest[(4 + length)..];
            return text;
        }
    }
}

/// <summary>One header, as UTF-8 views.</summary>
public readonly ref struct Header(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
{
    /// <summary>Case-sensitive key.</summary>
    public ReadOnlySpan<byte> Key { get; } = key;

    /// <summary>Text value.</summary>
    public ReadOnlySpan<byte> Value { get; } = value;
}
