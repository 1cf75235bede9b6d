using System.Text;

namespace Fibril.Broker.Streams.Delivery;

/// <summary>Literal text in which <c>*</c> stands for any run of characters, also none (P-25). Matches UTF-8 bytes; immutable.</summary>
internal sealed class HeaderPattern
{
    private readonly byte[] _start;
    private readonly byte[][] _middle;
    private readonly byte[]? _end; // null: there is no star, and the start is all of it

    public HeaderPattern(string pattern)
    {
        byte[][] parts = [.. pattern.Split('*').Select(Encoding.UTF8.GetBytes)];
        _start = parts[0];
        _end = parts.Length > 1 ? parts[^1] : null;
        _middle = parts.Length > 2 ? [.. parts[1..^1].Where(static part => part.Length > 0)] : [];
    }

    /// <summary>
    /// The text before the first star and behind the last are the value's start and end and do not overlap; the parts in between stand
    /// between these, in order, each as far left as it can be (STR-5).
    /// </summary>
    public bool Matches(ReadOnlySpan<byte> value)
    {
        if (_end is null) return value.SequenceEqual(_start);
        if (value.Length < _start.Length + _end.Length || !value.StartsWith(_start) || !value.EndsWith(_end)) return false;
        ReadOnlySpan<byte> between = value[_start.Length..^_end.Length];
        foreach (byte[] part in _middle)
        {
            int at = between.IndexOf(part);
            if (at < 0) return false;
            between = between[(at + part.Length)..];
        }

        return true;
    }
}
