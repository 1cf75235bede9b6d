using System.Text;

namespace Fibril.Tests.Protocol.Reference;

/// <summary>Reads a body byte by byte and throws <see cref="FormatException"/> at the first thing that is not allowed.</summary>
internal sealed class ReferenceReader(byte[] body)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private int _position;

    internal bool AtEnd => _position == body.Length;

    internal ulong Number(int width)
    {
        ulong value = 0;
        foreach (byte b in Take((uint)width)) value = (value << 8) | b;
        return value;
    }

    internal int Closed(int largest)
    {
        int value = (int)Number(1);
        return value <= largest ? value : throw new FormatException($"{value} is not defined");
    }

    internal byte[] Bytes() => Take((uint)Number(4)).ToArray();

    internal string Text()
    {
        try
        {
            return StrictUtf8.GetString(Bytes());
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("not UTF-8", e);
        }
    }

    internal ReadOnlySpan<byte> Take(uint length)
    {
        if (length > body.Length - _position) throw new FormatException("past the end");
        _position += (int)length;
        return body.AsSpan(_position - (int)length, (int)length);
    }
}
