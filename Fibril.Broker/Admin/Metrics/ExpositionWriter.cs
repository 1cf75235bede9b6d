using System.Buffers;
using System.Globalization;
using System.Text;
using Fibril.Broker.Primitives.Metering;

namespace Fibril.Broker.Admin.Metrics;

/// <summary>Writes metrics as Prometheus reads them (text format 0.0.4; admin API 5).</summary>
/// <remarks>A family is begun, and its header is written with its first sample: one without samples is left out. Not thread-safe.</remarks>
internal sealed class ExpositionWriter(IBufferWriter<byte> output)
{
    private const double LargestPlainInteger = 1e15;

    private readonly StringBuilder _line = new();
    private string _name = "";
    private string? _header;

    /// <summary>Begins a family; every family at most once.</summary>
    public void Begin(string name, MetricKind kind, string help)
    {
        _name = name;
        _header = $"# HELP {name} {EscapeHelp(help)}\n# TYPE {name} {TypeOf(kind)}\n";
    }

    /// <summary>Writes a sample of the family.</summary>
    public void Sample(double value, params ReadOnlySpan<Label> labels) => Sample("", value, labels);

    /// <summary>Writes the samples of one histogram of the family.</summary>
    public void Histogram(DurationCounts durations)
    {
        long upTo = 0;
        int bucket = 0;
        foreach (double bound in HistogramBounds.Exported)
        {
            for (; bucket < HistogramBounds.Seconds.Count && HistogramBounds.Seconds[bucket] <= bound; bucket++) upTo += durations.Buckets[bucket];
            Sample("_bucket", upTo, new Label("le", Format(bound)));
        }

        Sample("_bucket", durations.Count, new Label("le", "+Inf"));
        Sample("_sum", durations.SumSeconds);
        Sample("_count", durations.Count);
    }

    private void Sample(string suffix, double value, params ReadOnlySpan<Label> labels)
    {
        _line.Clear();
        if (_header is { } header) _line.Append(header);
        _header = null;
        _line.Append(_name).Append(suffix);
        if (!labels.IsEmpty)
        {
            for (int i = 0; i < labels.Length; i++)
            {
                _line.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"");
                AppendEscaped(labels[i].Value);
                _line.Append('"');
            }

            _line.Append('}');
        }

        _line.Append(' ').Append(Format(value)).Append('\n');
        foreach (ReadOnlyMemory<char> chunk in _line.GetChunks()) Encoding.UTF8.GetBytes(chunk.Span, output);
    }

    /// <summary>Whole numbers without a fraction, as long as they are exact.</summary>
    private static string Format(double value)
    {
        if (double.IsNaN(value)) return "NaN";
        if (double.IsInfinity(value)) return value > 0 ? "+Inf" : "-Inf";
        return Math.Abs(value) < LargestPlainInteger && value == Math.Truncate(value)
            ? ((long)value).ToString(CultureInfo.InvariantCulture)
            : value.ToString("R", CultureInfo.InvariantCulture);
    }

    private void AppendEscaped(string value)
    {
        foreach (char letter in value)
        {
            switch (letter)
            {
                case '\\':
                    _line.Append(@"\\");
                    break;
                case '"':
                    _line.Append("\\\"");
                    break;
                case '\n':
                    _line.Append(@"\n");
                    break;
                default:
                    _line.Append(letter);
                    break;
            }
        }
    }

    private static string EscapeHelp(string help) => help.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);

    private static string TypeOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        _ => "histogram",
    };
}

/// <summary>A label of a sample.</summary>
internal readonly record struct Label(string Name, string Value);
