namespace Fibril.Protocol;

/// <summary>Tags of the start position union. Frozen.</summary>
public enum StreamStartKind : byte
{
    /// <summary>Records published from now on.</summary>
    Latest = 0,
    /// <summary>The oldest record that is kept.</summary>
    Earliest = 1,
    /// <summary>A given offset, clamped into what is kept.</summary>
    Offset = 2,
    /// <summary>A number of records before the end of the log.</summary>
    Back = 3,
    /// <summary>The first record at or after a time.</summary>
    Time = 4,
}

/// <summary>Where a stream subscription without a durable cursor starts. The default value is <see cref="Latest"/>.</summary>
public readonly record struct StreamStart
{
    private StreamStart(StreamStartKind kind, ulong value)
    {
        Kind = kind;
        Value = value;
    }

    /// <summary>Which variant this is.</summary>
    public StreamStartKind Kind { get; }

    /// <summary>An offset, a number of records or Unix milliseconds, as <see cref="Kind"/> says; else 0.</summary>
    public ulong Value { get; }

    /// <summary>Records published from now on.</summary>
    public static StreamStart Latest => default;

    /// <summary>The oldest record that is kept.</summary>
    public static StreamStart Earliest => new(StreamStartKind.Earliest, 0);

    /// <summary>The record at <paramref name="offset"/>, or the nearest that is kept.</summary>
    public static StreamStart AtOffset(ulong offset) => new(StreamStartKind.Offset, offset);

    /// <summary>The last <paramref name="count"/> records, counted from the end of the log.</summary>
    public static StreamStart Back(ulong count) => new(StreamStartKind.Back, count);

    /// <summary>The first record at or after <paramref name="unixMs"/>, in Unix milliseconds of the broker's clock.</summary>
    public static StreamStart AtTime(ulong unixMs) => new(StreamStartKind.Time, unixMs);

    private bool HasValue => HasValueOf(Kind);

    internal int Measure() => HasValue ? 9 : 1;

    internal void Write(ref WireWriter writer)
    {
        writer.WriteU8((byte)Kind);
        if (HasValue) writer.WriteU64(Value);
    }

    internal static StreamStart Read(scoped ref WireReader reader)
    {
        var kind = (StreamStartKind)reader.ReadClosed8((byte)StreamStartKind.Time);
        return new StreamStart(kind, HasValueOf(kind) ? reader.ReadU64() : 0);
    }

    private static bool HasValueOf(StreamStartKind kind) => kind >= StreamStartKind.Offset;
}
