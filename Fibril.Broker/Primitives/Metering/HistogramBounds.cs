namespace Fibril.Broker.Primitives.Metering;

/// <summary>Upper bounds of the buckets that durations are sorted into: ten a decade from 10 us to 100 s, and one for all that is longer.</summary>
internal static class HistogramBounds
{
    private static readonly double[] Steps = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
    private static readonly double[] ExportedSteps = [1, 2.5, 5];
    private const double LargestExported = 60;

    /// <summary>All bounds, in seconds, ascending.</summary>
    public static IReadOnlyList<double> Seconds { get; } =
        [.. Enumerable.Range(-5, 7).SelectMany(static power => Steps.Select(step => Round(step, power))), 100];

    /// <summary>The bounds that leave the process, in seconds: enough for dashboards, few enough for what stores them. Each is one of <see cref="Seconds"/>.</summary>
    public static IReadOnlyList<double> Exported { get; } =
    [
        .. Enumerable.Range(-4, 6).SelectMany(static power => ExportedSteps.Select(step => Round(step, power))).Where(static bound => bound <= LargestExported),
    ];

    private static readonly long[] Ticks = [.. Seconds.Select(static seconds => (long)Math.Round(seconds * TimeSpan.TicksPerSecond))];

    /// <summary>Number of buckets, the one without a bound included.</summary>
    public static int BucketCount => Ticks.Length + 1;

    /// <summary>The bucket of a duration: the first whose bound is not less.</summary>
    public static int BucketOf(TimeSpan duration)
    {
        int found = Array.BinarySearch(Ticks, duration.Ticks);
        return found >= 0 ? found : ~found;
    }

    private static double Round(double step, int power) => Math.Round(step * Math.Pow(10, power), 7);
}
