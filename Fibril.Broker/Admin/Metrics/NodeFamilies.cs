using Fibril.Broker.Primitives.Metering;

namespace Fibril.Broker.Admin.Metrics;

/// <summary>The families of the whole broker: everything that its modules count (admin API 5.1).</summary>
internal static class NodeFamilies
{
    public static void Write(ExpositionWriter writer, IReadOnlyList<MetricFamily> families)
    {
        foreach (MetricFamily family in families)
        {
            writer.Begin(family.PrometheusName, family.Kind, family.Description);
            foreach (MetricSeries series in family.Series) Write(writer, series);
        }
    }

    private static void Write(ExpositionWriter writer, MetricSeries series)
    {
        if (series.Histogram is { } histogram) writer.Histogram(histogram.Read());
        else if (series.Tag is { } tag) writer.Sample(series.Read!(), new Label(tag.Key, tag.Value));
        else writer.Sample(series.Read!());
    }
}
