using Fibril.Broker.Primitives.Metering;

namespace Fibril.Broker.Channels;

/// <summary>What queues and streams have in common to count: a stream's publishes and deliveries are in the totals (P-70). Thread-safe.</summary>
internal sealed class ChannelMetrics
{
    private readonly Counter _publishBatches;

    public ChannelMetrics(Instruments instruments)
    {
        Published = instruments.Counter("fibril.broker.published", "{message}", "Messages accepted for publish, copies that the broker makes included.");
        _publishBatches = instruments.Counter("fibril.broker.publish_batches", "{batch}", "Batches that published messages came in.");
        Delivered = instruments.Counter("fibril.broker.delivered", "{message}", "Messages handed to consumers.");
        ConfirmLatency = instruments.Histogram(
            "fibril.publish.confirm.duration", "Time from the receipt of a batch of publishes until it is as durable as its channel promises.");
        DeliveryLatency = instruments.Histogram(
            "fibril.delivery.latency", "Time from the receipt of a message until it is handed to a consumer, of one message for each turn of a partition.");
        Snapshots = instruments.Counter("fibril.snapshot.attempts", "{snapshot}", "Snapshots of partitions begun.");
        SnapshotFailures = instruments.Counter("fibril.snapshot.failures", "{snapshot}", "Snapshots that could not be written.");
        SnapshotBytes = instruments.Counter("fibril.snapshot.bytes", "By", "Bytes of snapshots written.");
        SnapshotEncode = instruments.Histogram("fibril.snapshot.encode.duration", "Time to copy and encode the state of a partition.");
        SnapshotWrite = instruments.Histogram("fibril.snapshot.write.duration", "Time to write one snapshot and make it durable.");
        Load = instruments.Histogram("fibril.recovery.load.duration", "Time to open one partition and recover its state.");
    }

    public Counter Published { get; }

    public Counter PublishBatches => _publishBatches;

    public Counter Delivered { get; }

    public DurationHistogram ConfirmLatency { get; }

    public DurationHistogram DeliveryLatency { get; }

    public Counter Snapshots { get; }

    public Counter SnapshotFailures { get; }

    public Counter SnapshotBytes { get; }

    public DurationHistogram SnapshotEncode { get; }

    public DurationHistogram SnapshotWrite { get; }

    /// <summary>Partitions loaded, and how long each took.</summary>
    public DurationHistogram Load { get; }

    /// <summary>Size of the last snapshot that was written, in bytes; 0 before the first.</summary>
    public long LastSnapshotBytes => Volatile.Read(ref _lastSnapshotBytes);

    private long _lastSnapshotBytes;

    /// <summary>A batch is as durable as its channel promises.</summary>
    public void Confirmed(int messages, TimeSpan sinceReceipt)
    {
        Published.Add(messages);
        _publishBatches.Increment();
        ConfirmLatency.Record(sinceReceipt);
    }

    /// <summary>A snapshot is durable.</summary>
    public void SnapshotWritten(long bytes, TimeSpan elapsed)
    {
        SnapshotBytes.Add(bytes);
        Volatile.Write(ref _lastSnapshotBytes, bytes);
        SnapshotWrite.Record(elapsed);
    }
}
