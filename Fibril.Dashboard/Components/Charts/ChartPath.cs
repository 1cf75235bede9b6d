using System.Globalization;
using System.Text;

namespace Fibril.Dashboard.Components.Charts;

/// <summary>Lines in a square of 1000 by 1000, which the page stretches to its size.</summary>
public static class ChartPath
{
    public const int Side = 1000;

    /// <summary>A line with a gap wherever nothing was measured, or nobody was there to measure.</summary>
    /// <param name="times">Unix seconds, ascending.</param>
    /// <param name="values">One for each time.</param>
    /// <param name="from">The left end.</param>
    /// <param name="to">The right end.</param>
    /// <param name="top">The upper end.</param>
    /// <param name="largestStep">Seconds between two neighbours beyond which there is a gap.</param>
    public static string Line(IReadOnlyList<long> times, IReadOnlyList<double?> values, long from, long to, double top, double largestStep)
    {
        var path = new StringBuilder();
        bool isDown = false;
        for (int i = 0; i < times.Count && i < values.Count; i++)
        {
            if (values[i] is not { } value)
            {
                isDown = false;
                continue;
            }

            if (i > 0 && times[i] - times[i - 1] > largestStep) isDown = false;
            path.Append(isDown ? 'L' : 'M')
                .Append(Round((times[i] - from) / (double)Math.Max(1, to - from))).Append(' ')
                .Append(Round(1 - Math.Clamp(value / top, 0, 1)));
            isDown = true;
        }

        return path.ToString();
    }

    private static string Round(double share) => (share * Side).ToString("0.#", CultureInfo.InvariantCulture);
}
