using System.Globalization;
using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Streams;

namespace Fibril.Broker.Admin.Metrics;

/// <summary>The families of single stream partitions, of those that are loaded (admin API 5.3): what they showed at the end of their last turn.</summary>
internal static class StreamFamilies
{
    // Names of cursors are up to clients: one that invents a new one for every reader must not flood whoever stores the metrics.
    private const int MostCursors = 100;

    public static void Write(ExpositionWriter writer, StreamRegistry streams)
    {
        Row[] rows = [.. streams.Loaded.Select(static partition => new Row(partition))];
        WriteEach(writer, rows, "fibril_stream_subscriptions", MetricKind.Gauge, "Live subscription readers on a stream partition.", static partition => partition.Gauges.Subscriptions);
        WriteEach(
            writer, rows, "fibril_stream_lag_evictions_total", MetricKind.Counter, "Times a subscriber overflowed its live buffer and went through lag recovery.",
            static partition => partition.LagRecoveries);
        WriteEach(
            writer, rows, "fibril_stream_records", MetricKind.Gauge, "Records kept.", static partition => partition.Gauges.EndOffset - partition.Gauges.StartOffset);
        WriteEach(
            writer, rows, "fibril_stream_stored_bytes", MetricKind.Gauge, "Bytes on the disk.", static partition => partition.Gauges.Stored.TotalBytes);

        writer.Begin("fibril_stream_cursor_lag", MetricKind.Gauge, "Records between a durable cursor and the end.");
        foreach (Row row in rows)
        {
            foreach ((string name, long lag) in row.Stream.Gauges.CursorLags.Take(MostCursors))
                writer.Sample(lag, row.Topic, row.Partition, new Label("cursor", name));
        }
    }

    private static void WriteEach(ExpositionWriter writer, Row[] rows, string name, MetricKind kind, string help, Func<StreamPartition, double> read)
    {
        writer.Begin(name, kind, help);
        foreach (Row row in rows) writer.Sample(read(row.Stream), row.Topic, row.Partition);
    }

    /// <summary>A partition with its labels.</summary>
    private sealed class Row(StreamPartition stream)
    {
        public StreamPartition Stream { get; } = stream;

        public Label Topic { get; } = new("topic", stream.Id.Queue.Topic);

        public Label Partition { get; } = new("partition", stream.Id.Partition.ToString(CultureInfo.InvariantCulture));
    }
}
