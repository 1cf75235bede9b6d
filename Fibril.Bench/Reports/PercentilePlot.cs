using HdrHistogram;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Fibril.Bench.Reports;

/// <summary>Latency over percentile, both logarithmic, as SVG: the further right a curve stays low, the better.</summary>
internal static class PercentilePlot
{
    private const double Width = 900;
    private const double Height = 500;
    private static readonly double[] Percentiles = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99];

    public static void Write(string path, IEnumerable<BenchResult> results)
    {
        var plot = new PlotModel { Title = "Latency by percentile", Background = OxyColors.White };
        plot.Legends.Add(new Legend { LegendPosition = LegendPosition.LeftTop });
        plot.Axes.Add(new LogarithmicAxis
        {
            Position = AxisPosition.Bottom,
            Title = "percentile",
            Minimum = 1,
            LabelFormatter = static ones => $"{100 - (100 / ones):0.####}%",
            MajorGridlineStyle = LineStyle.Dot,
        });
        plot.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Left, Title = "milliseconds", MajorGridlineStyle = LineStyle.Dot });
        foreach (BenchResult result in results)
        {
            if (result.Latency is { TotalCount: > 0 } latency) plot.Series.Add(Curve(result, latency));
        }

        using FileStream file = File.Create(path);
        new SvgExporter { Width = Width, Height = Height, UseVerticalTextAlignmentWorkaround = true }.Export(plot, file);
    }

    private static LineSeries Curve(BenchResult result, LongHistogram latency)
    {
        var curve = new LineSeries { Title = $"{result.Scenario} ({string.Join(", ", result.Parameters.Select(static pair => $"{pair.Key} {pair.Value}"))})" };
        foreach (double percentile in Percentiles)
            curve.Points.Add(new DataPoint(100 / (100 - percentile), latency.GetValueAtPercentile(percentile) / 1000.0));
        return curve;
    }
}
