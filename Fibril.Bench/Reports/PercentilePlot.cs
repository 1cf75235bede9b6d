using HdrHistogram;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Fibril.Bench.Reports;

/// <summary>Latency over percentile, both logarithmic, as SVG: the further right a curve stays low, the better.</summary>
internal static class PercentilePlot
{
    private const double Width = 1000;
    private const double Height = 480;
    private static readonly double[] Percentiles = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99];

    /// <summary>Draws a curve for each scenario that has latencies.</summary>
    /// <param name="path">The SVG file, which is replaced.</param>
    /// <param name="runs">Scenarios by the name they were run under, with all their runs, which become one distribution.</param>
    public static void Write(string path, IEnumerable<(string Name, IReadOnlyList<BenchResult> Runs)> runs)
    {
        var plot = new PlotModel { Title = "Latency by percentile", Background = OxyColors.White };
        plot.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.RightTop });
        plot.Axes.Add(new LogarithmicAxis
        {
            Position = AxisPosition.Bottom,
            Title = "percentile",
            Minimum = 1,
            LabelFormatter = static ones => $"{100 - (100 / ones):0.####}%",
            MajorGridlineStyle = LineStyle.Dot,
        });
        plot.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Left, Title = "milliseconds", MajorGridlineStyle = LineStyle.Dot });
        foreach ((string name, IReadOnlyList<BenchResult> ofName) in runs)
        {
            LongHistogram latency = Latencies.NewHistogram();
            foreach (BenchResult run in ofName) latency.Add(run.Latency ?? Latencies.NewHistogram());
            if (latency.TotalCount > 0) plot.Series.Add(Curve(name, latency));
        }

        using FileStream file = File.Create(path);
        new SvgExporter { Width = Width, Height = Height, UseVerticalTextAlignmentWorkaround = true }.Export(plot, file);
    }

    private static LineSeries Curve(string name, LongHistogram latency)
    {
        var curve = new LineSeries { Title = name };
        foreach (double percentile in Percentiles)
            curve.Points.Add(new DataPoint(100 / (100 - percentile), latency.GetValueAtPercentile(percentile) / 1000.0));
        return curve;
    }
}
