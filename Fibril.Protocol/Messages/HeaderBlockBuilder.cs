using System.Buffers.Binary;
using System.Text;

namespace Fibril.Protocol;

/// <summary>Collects headers in their encoded form, in one growing buffer that can be used again. Not thread-safe.</summary>
public sealed class HeaderBlockBuilder
{
    private const int CountBytes = 4;
    private const int LengthBytes = 4;
    private const int FirstBufferBytes = 256;
    private const int LargestKeptBytes = 64 << 10;

    private byte[] _encoded = new byte[FirstBufferBytes];
    private int _written = CountBytes;
    private uint _count;

    /// <summary>The block so far: a view that the next call invalidates.</summary>
    public HeaderBlock Block
    {
        get
        {
            BinaryPrimitives.WriteUInt32BigEndian(_encoded, _count);
            return new HeaderBlock(_encoded.AsSpan(0, _written));
        }
    }

    /// <summary>Adds a header.</summary>
    public HeaderBlockBuilder Add(string key, string value)
    {
        AddText(key);
        AddText(value);
        _count++;
        return this;
    }

    /// <summary>Adds a header from UTF-8 that is known to be valid.</summary>
    public HeaderBlockBuilder Add(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value)
    {
        AddText(key);
        AddText(value);
        _count++;
        return this;
    }

    /// <summary>Adds every header of <paramref name="block"/>.</summary>
    public HeaderBlockBuilder AddAll(scoped HeaderBlock block)
    {
        ReadOnlySpan<byte> entries = block.EncodedEntries;
        entries.CopyTo(Next(entries.Length));
        _count += (uint)block.Count;
        return this;
    }

    /// <summary>Forgets all headers. The buffer is kept, unless it has grown larger than 64 KiB.</summary>
    public void Clear()
    {
        if (_encoded.Length > LargestKeptBytes) _encoded = new byte[FirstBufferBytes];
        _written = CountBytes;
        _count = 0;
    }

    private void AddText(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        Encoding.UTF8.GetBytes(text, NextText(length));
    }

    private void AddText(scoped ReadOnlySpan<byte> text) => text.CopyTo(NextText(text.Length));

    private Span<byte> NextText(int length)
    {
        Span<byte> destination = Next(checked(LengthBytes + length));
        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)length);
        return destination[LengthBytes..];
    }

    private Span<byte> Next(int length)
    {
        int end = checked(_written + length);
        if (end > _encoded.Length) Array.Resize(ref _encoded, (int)Math.Min(Array.MaxLength, Math.Max(end, 2L * _encoded.Length)));
        Span<byte> next = _encoded.AsSpan(_written, length);
        _written = end;
        return next;
    }
}
