namespace Fibril.Dashboard.Components.Charts;

/// <summary>One line of a chart.</summary>
/// <param name="Name">In the legend, with the unit when it is not that of the axis.</param>
/// <param name="Values">One for each time; null where nothing was measured.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<double?> Values);

/// <summary>Something that happened, and may explain what the lines do.</summary>
/// <param name="AtSeconds">Unix seconds.</param>
/// <param name="Text">In a few words.</param>
public sealed record ChartMark(long AtSeconds, string Text);

/// <summary>What an axis counts.</summary>
public enum ChartUnit
{
    Count,
    PerSecond,
    Bytes,
    BytesPerSecond,
    Milliseconds,
    Percent,
}
