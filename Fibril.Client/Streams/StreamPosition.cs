using System.ComponentModel;
using Fibril.Protocol;

namespace Fibril.Client;

/// <summary>Where a stream subscription without a durable name starts. In every partition by itself.</summary>
public sealed class StreamPosition
{
    private StreamPosition(StreamStart start) => Start = start;

    /// <summary>
    /// Records that are published from now on. A subscription that is interrupted before its first record goes on at the time at which it was made,
    /// less 5 s because clocks differ: it may get records that are older than itself by so much, and misses none unless the broker's clock is behind
    /// this one by more.
    /// </summary>
    public static StreamPosition Latest { get; } = new(StreamStart.Latest);

    /// <summary>The oldest record that is kept.</summary>
    public static StreamPosition Earliest { get; } = new(StreamStart.Earliest);

    internal StreamStart Start { get; }

    /// <summary>The last records before the end, or all that are kept when those are fewer.</summary>
    /// <param name="count">How many; 0 or more.</param>
    public static StreamPosition Back(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new StreamPosition(StreamStart.Back((ulong)count));
    }

    /// <summary>The first record that the broker received then or later, by its clock.</summary>
    public static StreamPosition At(DateTimeOffset time) => new(StreamStart.AtTime(UnixTime.From(time)));

    /// <summary>
    /// The record at an offset, or the nearest that is kept. For tools: offsets of different partitions have nothing to do with each other, and an
    /// offset is no identity that survives what happens to a stream. Applications remember a place with a durable name.
    /// </summary>
    /// <param name="offset">0 or more.</param>
    [EditorBrowsable(EditorBrowsableState.Advanced)]
    public static StreamPosition AtOffset(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return new StreamPosition(StreamStart.AtOffset((ulong)offset));
    }

    /// <inheritdoc/>
    public override string ToString() => Start.Kind is StreamStartKind.Latest or StreamStartKind.Earliest
        ? Start.Kind.ToString()
        : $"{Start.Kind} {Start.Value}";
}
