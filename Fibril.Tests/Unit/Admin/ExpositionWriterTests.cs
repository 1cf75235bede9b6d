using System.Buffers;
using System.Text;
using Fibril.Broker.Admin.Metrics;
using Fibril.Broker.Primitives.Metering;

namespace Fibril.Tests.Unit.Admin;

/// <summary>The text format of metrics: admin API 5, format rules.</summary>
public sealed class ExpositionWriterTests
{
    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly ExpositionWriter _writer;

    public ExpositionWriterTests() => _writer = new ExpositionWriter(_body);

    private string Text => Encoding.UTF8.GetString(_body.WrittenSpan);

    [Fact]
    public void A_family_has_one_header_and_then_its_samples()
    {
        _writer.Begin("ready", MetricKind.Gauge, "Ready messages.");
        _writer.Sample(1, new Label("topic", "a"), new Label("group", ""));
        _writer.Sample(2, new Label("topic", "b"), new Label("group", "eu"));
        Assert.Equal(
            """
            # HELP ready Ready messages.
            # TYPE ready gauge
            ready{topic="a",group=""} 1
            ready{topic="b",group="eu"} 2

            """,
            Text);
    }

    [Fact]
    public void A_family_without_samples_is_left_out()
    {
        _writer.Begin("nothing", MetricKind.Counter, "Nothing.");
        _writer.Begin("something", MetricKind.Counter, "Something.");
        _writer.Sample(0);
        Assert.DoesNotContain("nothing", Text, StringComparison.Ordinal);
        Assert.EndsWith("something 0\n", Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-3, "-3")]
    [InlineData(999999999999999, "999999999999999")]
    [InlineData(1e21, "1E+21")]
    [InlineData(0.25, "0.25")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    public void Whole_numbers_have_no_fraction_as_long_as_they_are_exact(double value, string text)
    {
        _writer.Begin("value", MetricKind.Gauge, "A value.");
        _writer.Sample(value);
        Assert.EndsWith($"value {text}\n", Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_and_help_are_escaped_each_in_its_way()
    {
        _writer.Begin("odd", MetricKind.Gauge, "A \\ and\na \"line\".");
        _writer.Sample(1, new Label("name", "a\\b\"c\nd é"));
        Assert.Equal("# HELP odd A \\\\ and\\na \"line\".\n# TYPE odd gauge\nodd{name=\"a\\\\b\\\"c\\nd é\"} 1\n", Text);
    }

    [Fact]
    public void Buckets_of_a_histogram_are_cumulative()
    {
        DurationHistogram histogram = new Instruments().Histogram("sync", "Syncs.");
        histogram.Record(TimeSpan.FromMilliseconds(0.1));
        histogram.Record(TimeSpan.FromMilliseconds(2));
        histogram.Record(TimeSpan.FromMinutes(10));
        _writer.Begin("sync_seconds", MetricKind.Histogram, "Syncs.");
        _writer.Histogram(histogram.Read());
        string[] lines = Text.Split('\n');
        Assert.Equal("# TYPE sync_seconds histogram", lines[1]);
        Assert.Contains("""sync_seconds_bucket{le="0.0001"} 1""", lines);
        Assert.Contains("""sync_seconds_bucket{le="0.001"} 1""", lines);
        Assert.Contains("""sync_seconds_bucket{le="0.0025"} 2""", lines);
        Assert.Contains("""sync_seconds_bucket{le="50"} 2""", lines);
        Assert.Contains("""sync_seconds_bucket{le="+Inf"} 3""", lines);
        Assert.Contains("sync_seconds_sum 600.0021", lines);
        Assert.Contains("sync_seconds_count 3", lines);
    }
}
