using System.Globalization;
using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Queues;

namespace Fibril.Broker.Admin.Metrics;

/// <summary>The families of single queue partitions, of those that are loaded (admin API 5.3): what they showed at the end of their last turn.</summary>
internal static class QueueFamilies
{
    private const double MsPerSecond = 1000;

    public static void Write(ExpositionWriter writer, QueueRegistry queues, long nowMs)
    {
        Row[] rows = [.. queues.Loaded.Select(static partition => new Row(partition))];
        WriteGauge(writer, rows, "fibril_queue_ready", "Ready messages.", static gauges => gauges.Ready);
        WriteGauge(writer, rows, "fibril_queue_inflight", "Leased messages.", static gauges => gauges.Leased);
        WriteGauge(writer, rows, "fibril_queue_delayed", "Messages that are not due yet.", static gauges => gauges.Delayed);
        WriteGauge(writer, rows, "fibril_queue_dead_lettering", "Messages whose copy to the dead-letter target is not durable yet.", static gauges => gauges.DeadLettering);
        WriteGauge(writer, rows, "fibril_queue_subscriptions", "Consumers of the partition.", static gauges => gauges.Subscriptions);
        WriteGauge(writer, rows, "fibril_queue_stored_bytes", "Bytes on the disk.", static gauges => gauges.Stored.TotalBytes);
        WriteGauge(
            writer, rows, "fibril_queue_oldest_ready_age_seconds", "Age of the oldest ready message; 0 when nothing is ready.",
            gauges => AgeOf(gauges.OldestReadyMs, nowMs));
        WriteGauge(
            writer, rows, "fibril_queue_oldest_unsettled_age_seconds", "Age of the oldest message that is not settled; 0 when there is none.",
            gauges => AgeOf(gauges.OldestUnsettledMs, nowMs));
    }

    private static void WriteGauge(ExpositionWriter writer, Row[] rows, string name, string help, Func<QueueGauges, double> read)
    {
        writer.Begin(name, MetricKind.Gauge, help);
        foreach (Row row in rows) writer.Sample(read(row.Gauges), row.Topic, row.Group, row.Partition);
    }

    private static double AgeOf(long receivedMs, long nowMs) => receivedMs == 0 ? 0 : Math.Max(0, nowMs - receivedMs) / MsPerSecond;

    /// <summary>A partition with its labels; an absent group is an empty one.</summary>
    private sealed class Row(QueuePartition partition)
    {
        public QueueGauges Gauges { get; } = partition.Gauges;

        public Label Topic { get; } = new("topic", partition.Id.Queue.Topic);

        public Label Group { get; } = new("group", partition.Id.Queue.Group ?? "");

        public Label Partition { get; } = new("partition", partition.Id.Partition.ToString(CultureInfo.InvariantCulture));
    }
}
