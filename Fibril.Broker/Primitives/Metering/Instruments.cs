using System.Diagnostics.Metrics;

namespace Fibril.Broker.Primitives.Metering;

/// <summary>
/// Everything that a broker counts and measures. Modules make their instruments here and report events to them; whoever exports them, or
/// reckons with them, finds them here. The meter's own instruments only look at ours, so that nothing is counted twice.
/// </summary>
/// <remarks>Made while the broker starts; the values are thread-safe from then on.</remarks>
internal sealed class Instruments
{
    /// <summary>Of the meter, and of the source of activities.</summary>
    public const string Name = "Fibril.Broker";

    private static readonly InstrumentAdvice<double> Buckets = new() { HistogramBucketBoundaries = HistogramBounds.Exported };

    private readonly Meter? _meter;
    private readonly Dictionary<string, MetricFamily> _byName = [];
    private readonly List<MetricFamily> _families = [];
    private readonly List<Counter> _counters = [];
    private readonly List<DurationHistogram> _histograms = [];

    /// <param name="meter">Shows the instruments to whoever listens to meters; null for nobody.</param>
    public Instruments(Meter? meter = null) => _meter = meter;

    /// <summary>All families in the order in which they were made.</summary>
    public IReadOnlyList<MetricFamily> Families => _families;

    /// <summary>The counters that were made here.</summary>
    public IReadOnlyList<Counter> Counters => _counters;

    public IReadOnlyList<DurationHistogram> Histograms => _histograms;

    /// <summary>A counter.</summary>
    /// <param name="name">Words with dots between them, without unit and <c>_total</c>.</param>
    /// <param name="unit">What is counted.</param>
    /// <param name="description">One sentence.</param>
    public Counter Counter(string name, string unit, string description)
    {
        var counter = new Counter(_counters.Count);
        _counters.Add(counter);
        Count(name, unit, description, () => counter.Value);
        return counter;
    }

    /// <summary>A counter that somebody else keeps.</summary>
    public void Count(string name, string unit, string description, Func<double> read, KeyValuePair<string, string>? tag = null)
    {
        FamilyOf(name, MetricKind.Counter, unit, description).Add(new MetricSeries(tag, read, Histogram: null));
        _meter?.CreateObservableCounter(name, () => new Measurement<double>(read(), TagsOf(tag)), unit, description);
    }

    /// <summary>A value that goes up and down.</summary>
    public void Gauge(string name, string unit, string description, Func<double> read, KeyValuePair<string, string>? tag = null)
    {
        FamilyOf(name, MetricKind.Gauge, unit, description).Add(new MetricSeries(tag, read, Histogram: null));
        _meter?.CreateObservableGauge(name, () => new Measurement<double>(read(), TagsOf(tag)), unit, description);
    }

    /// <summary>A histogram of durations, in seconds.</summary>
    public DurationHistogram Histogram(string name, string description)
    {
        Histogram<double>? instrument = _meter?.CreateHistogram(name, "s", description, tags: null, Buckets);
        var histogram = new DurationHistogram(_histograms.Count, instrument);
        _histograms.Add(histogram);
        FamilyOf(name, MetricKind.Histogram, "s", description).Add(new MetricSeries(Tag: null, Read: null, histogram));
        return histogram;
    }

    private static KeyValuePair<string, object?>[] TagsOf(KeyValuePair<string, string>? tag) =>
        tag is { } pair ? [new KeyValuePair<string, object?>(pair.Key, pair.Value)] : [];

    private MetricFamily FamilyOf(string name, MetricKind kind, string unit, string description)
    {
        if (_byName.TryGetValue(name, out MetricFamily? family)) return family;
        _byName.Add(name, family = new MetricFamily(name, kind, unit, description));
        _families.Add(family);
        return family;
    }
}
