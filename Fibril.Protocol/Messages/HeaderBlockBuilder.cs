using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Fibril.Protocol;

/// <summary>Collects headers in their encoded form, in one growing buffer that can be used again. Not thread-safe.</summary>
public sealed class HeaderBlockBuilder
{
    private readonly ArrayBufferWriter<byte> _encoded = new();
    private uint _count;

    /// <summary>Starts an empty block.</summary>
    public HeaderBlockBuilder() => Clear();

    /// <summary>The block so far: a view that the next call invalidates.</summary>
    public HeaderBlock Block
    {
        get
        {
            BinaryPrimitives.WriteUInt32BigEndian(System.Runtime.InteropServices.MemoryMarshal.AsMemory(_encoded.WrittenMemory).Span, _count);
            return new HeaderBlock(_encoded.WrittenSpan);
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
        _encoded.Write(block.EncodedEntries);
        _count += (uint)block.Count;
        return this;
    }

    /// <summary>Forgets all headers and keeps the buffer.</summary>
    public void Clear()
    {
        _encoded.ResetWrittenCount();
        _encoded.Write("\0\0\0\0"u8);
        _count = 0;
    }

    private void AddText(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        Span<byte> destination = _encoded.GetSpan(4 + length);
        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)length);
        Encoding.UTF8.GetBytes(text, destination[4..]);
        _encoded.Advance(4 + length);
    }

    private void AddText(scoped ReadOnlySpan<byte> text)
    {
        Span<byte> destination = _encoded.GetSpan(4 + text.Length);
        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)text.Length);
        text.CopyTo(destination[4..]);
        _encoded.Advance(4 + text.Length);
    }
}
