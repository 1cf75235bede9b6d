namespace Fibril.Broker.Primitives;

/// <summary>The offsets from <paramref name="Start"/> up to, but not including, <paramref name="End"/>.</summary>
internal readonly record struct OffsetRange(long Start, long End)
{
    public long Count => End - Start;

    public static OffsetRange Of(long offset) => new(offset, offset + 1);

    public bool Contains(long offset) => offset >= Start && offset < End;

    public override string ToString() => $"[{Start}..{End})";
}
