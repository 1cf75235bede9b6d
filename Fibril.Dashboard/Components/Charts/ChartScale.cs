using System.Globalization;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Charts;

/// <summary>The axes of a chart: where they end, and what stands at them.</summary>
public static class ChartScale
{
    private static readonly double[] Steps = [1, 2, 2.5, 5, 10];

    /// <summary>The smallest round number that nothing is above: 1, 2, 2.5 or 5 times a power of ten.</summary>
    public static double Top(double largest)
    {
        if (largest <= 0) return 1;
        double power = Math.Pow(10, Math.Floor(Math.Log10(largest)));
        return Steps.Select(step => step * power).First(top => top >= largest * 0.999999);
    }

    public static string Label(double value, ChartUnit unit) => unit switch
    {
        ChartUnit.Bytes => Show.Bytes(value),
        ChartUnit.BytesPerSecond => Show.Bytes(value) + "/s",
        ChartUnit.PerSecond => Show.Rate(value) + "/s",
        ChartUnit.Milliseconds => Show.Milliseconds(value),
        ChartUnit.Percent => value.ToString("0.#", CultureInfo.InvariantCulture) + " %",
        _ => value is > 0 and < 10 ? value.ToString("0.##", CultureInfo.InvariantCulture) : Show.Count(value),
    };

    /// <summary>What stands at a tick of the time axis.</summary>
    public static string TickLabel(TimeSpan ago) => ago == TimeSpan.Zero ? "now" : ago < TimeSpan.FromMinutes(2) ? $"−{ago.TotalSeconds:0} s" : $"−{Show.Duration(ago)}";

    /// <summary>How long ago the ticks of the time axis are, in round steps; the newest end is <c>now</c>.</summary>
    /// <param name="span">All the time that is shown.</param>
    public static IReadOnlyList<TimeSpan> Ticks(TimeSpan span)
    {
        TimeSpan[] steps =
        [
            TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30),
            TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromHours(12), TimeSpan.FromDays(1), TimeSpan.FromDays(3), TimeSpan.FromDays(7),
        ];
        TimeSpan step = steps.FirstOrDefault(candidate => span / candidate <= 4, steps[^1]);
        return [.. Enumerable.Range(0, (int)(span / step) + 1).Select(count => step * count)];
    }
}
