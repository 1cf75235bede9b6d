using System.Text.Json.Serialization;
using HdrHistogram;

namespace Fibril.Bench.Reports;

/// <summary>One measured run.</summary>
/// <param name="Scenario">What was done.</param>
/// <param name="Parameters">With which numbers.</param>
/// <param name="Metrics">What came out: name, with its unit, and value.</param>
internal sealed record BenchResult(
    string Scenario, IReadOnlyDictionary<string, string> Parameters, IReadOnlyDictionary<string, double> Metrics)
{
    /// <summary>Latency in microseconds, for the plot; null when the scenario has none.</summary>
    [JsonIgnore]
    public LongHistogram? Latency { get; init; }

    /// <summary>The metric by which runs of the scenario are ordered to find the median.</summary>
    [JsonIgnore]
    public string Headline => Metrics.Keys.First();
}

/// <summary>Histograms of microseconds up to a minute with three digits.</summary>
internal static class Latencies
{
    private const long LongestMicroseconds = 60_000_000;

    public static LongHistogram NewHistogram() => new(LongestMicroseconds, 3);

    public static void Note(this LongHistogram histogram, TimeSpan elapsed) =>
        histogram.RecordValue(Math.Clamp((long)elapsed.TotalMicroseconds, 1, LongestMicroseconds));

    public static void AddPercentiles(this LongHistogram histogram, Dictionary<string, double> metrics, string prefix)
    {
        foreach (double percentile in (ReadOnlySpan<double>)[50, 90, 99, 99.9])
            metrics[$"{prefix} p{percentile} ms"] = histogram.GetValueAtPercentile(percentile) / 1000.0;
        metrics[$"{prefix} max ms"] = histogram.GetMaxValue() / 1000.0;
    }
}
