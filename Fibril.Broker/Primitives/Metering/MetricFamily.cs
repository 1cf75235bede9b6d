namespace Fibril.Broker.Primitives.Metering;

internal enum MetricKind : byte
{
    /// <summary>Grows, and starts at 0 with the process (O-12).</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Durations, by how long they were.</summary>
    Histogram,
}

/// <summary>Everything of one name that a broker exports.</summary>
/// <param name="Name">Words with dots between them, as OpenTelemetry has them.</param>
/// <param name="Kind">What its values are.</param>
/// <param name="Unit"><c>s</c>, <c>By</c>, or what is counted in braces.</param>
/// <param name="Description">One sentence.</param>
internal sealed record MetricFamily(string Name, MetricKind Kind, string Unit, string Description)
{
    private readonly List<MetricSeries> _series = [];

    public IReadOnlyList<MetricSeries> Series => _series;

    /// <summary>The name that Prometheus knows it by: with its unit, and <c>_total</c> for a counter.</summary>
    public string PrometheusName { get; } = Name.Replace('.', '_') + UnitOf(Name, Unit) + (Kind == MetricKind.Counter ? "_total" : "");

    internal void Add(MetricSeries series) => _series.Add(series);

    private static string UnitOf(string name, string unit) => unit switch
    {
        "s" => "_seconds",
        "By" when !name.Contains("bytes", StringComparison.Ordinal) => "_bytes",
        _ => "",
    };
}

/// <summary>One row of a family.</summary>
/// <param name="Tag">What tells it from the others of the family; null when it is the only one.</param>
/// <param name="Read">Its value; null for a histogram.</param>
/// <param name="Histogram">The durations; null for others.</param>
internal sealed record MetricSeries(KeyValuePair<string, string>? Tag, Func<double>? Read, DurationHistogram? Histogram);
