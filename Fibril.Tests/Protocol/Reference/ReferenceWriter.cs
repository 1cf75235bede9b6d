using System.Text;

namespace Fibril.Tests.Protocol.Reference;

/// <summary>What stands at a place of a body where a wrong byte must be noticed.</summary>
internal enum MarkKind { Length, Count, Bool, Option, Closed, Text }

/// <summary>Such a place. <paramref name="Limit"/>: the largest value that is defined, or the bytes of the smallest list element.</summary>
internal readonly record struct Mark(MarkKind Kind, int Position, int Limit);

/// <summary>Writes a body byte by byte and remembers where it could be broken.</summary>
internal sealed class ReferenceWriter
{
    private readonly List<byte> _bytes = [];

    internal List<Mark> Marks { get; } = [];

    /// <summary>Where the part begins that older peers leave out; null when the message has none.</summary>
    internal int? TrailingStart { get; private set; }

    internal byte[] Written => [.. _bytes];

    internal void Number(ulong value, int width)
    {
        for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) _bytes.Add((byte)(value >> shift));
    }

    internal void Closed(MarkKind kind, int value, int largest)
    {
        Marks.Add(new Mark(kind, _bytes.Count, largest));
        Number((ulong)value, 1);
    }

    internal void Count(int count, int smallestElement)
    {
        Marks.Add(new Mark(MarkKind.Count, _bytes.Count, smallestElement));
        Number((ulong)count, 4);
    }

    internal void Bytes(ReadOnlySpan<byte> value)
    {
        Marks.Add(new Mark(MarkKind.Length, _bytes.Count, 1));
        Number((ulong)value.Length, 4);
        Raw(value);
    }

    internal void Text(string value)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(value);
        Bytes(utf8);
        if (utf8.Length > 0) Marks.Add(new Mark(MarkKind.Text, _bytes.Count - utf8.Length, utf8.Length));
    }

    internal void Raw(ReadOnlySpan<byte> value) => _bytes.AddRange(value);

    internal void BeginTrailing() => TrailingStart = _bytes.Count;
}
