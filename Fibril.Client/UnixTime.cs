namespace Fibril.Client;

/// <summary>Unix milliseconds as the protocol has them.</summary>
internal static class UnixTime
{
    private static readonly ulong Latest = (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>The time; the latest there is when the number means a later one.</summary>
    public static DateTimeOffset ToDateTimeOffset(ulong unixMs) => DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Min(unixMs, Latest));

    /// <summary>The number; 0 for times before 1970.</summary>
    public static ulong From(DateTimeOffset time) => (ulong)Math.Max(0, time.ToUnixTimeMilliseconds());

    /// <summary>The time so many milliseconds later, rounded down to a millisecond; the latest there is when that is later.</summary>
    public static DateTimeOffset Later(DateTimeOffset time, ulong milliseconds) =>
        ToDateTimeOffset(From(time) + Math.Min(milliseconds, Latest));

    /// <summary>The number for <paramref name="delay"/> from now, rounded up: never too early.</summary>
    public static ulong After(TimeSpan delay, TimeProvider time)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset due = delay < DateTimeOffset.MaxValue - now ? now + delay : DateTimeOffset.MaxValue;
        return From(due) + (due.Ticks % TimeSpan.TicksPerMillisecond == 0 ? 0UL : 1UL);
    }
}
