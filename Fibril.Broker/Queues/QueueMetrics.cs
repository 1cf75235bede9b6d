using Fibril.Broker.Channels;
using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Queues;

/// <summary>What happens in queues. Partitions report once a turn, or once a batch. Thread-safe.</summary>
internal sealed class QueueMetrics
{
    public QueueMetrics(Instruments instruments, ChannelMetrics channels)
    {
        Channels = channels;
        Acked = instruments.Counter("fibril.broker.acked", "{message}", "Messages settled by acknowledgement.");
        Nacked = instruments.Counter("fibril.broker.nacked", "{message}", "Messages refused by negative acknowledgement, for a retry or for good.");
        Redelivered = instruments.Counter("fibril.broker.redelivered", "{message}", "Redeliveries after lease expiry or explicit retry.");
        Expired = instruments.Counter("fibril.broker.expired", "{message}", "Messages dropped because their TTL passed.");
        SettleBatches = instruments.Counter("fibril.broker.settle_batches", "{batch}", "Batches that settlements came in.");
        DeadLetterCopies = instruments.Counter("fibril.broker.dead_letter_copies", "{message}", "Dead letters copied to their target.");
        Replayed = instruments.Counter("fibril.broker.replayed", "{message}", "Dead letters copied back to where they came from.");
        SettleLatency = instruments.Histogram("fibril.settle.duration", "Time from the receipt of a batch of settlements until it is carried out.");
        Lateness = instruments.Histogram(
            "fibril.delivery.lateness", "Time from when a delayed message, or one whose lease had expired, was due until it is handed to a consumer.");
        EventsReplayed = instruments.Counter("fibril.recovery.events_replayed", "{event}", "Events read again to recover partitions.");
    }

    public ChannelMetrics Channels { get; }

    public Counter Acked { get; }

    public Counter Nacked { get; }

    public Counter Redelivered { get; }

    public Counter Expired { get; }

    public Counter SettleBatches { get; }

    public Counter DeadLetterCopies { get; }

    public Counter Replayed { get; }

    public DurationHistogram SettleLatency { get; }

    /// <summary>Of as many such messages as partitions remember.</summary>
    public DurationHistogram Lateness { get; }

    public Counter EventsReplayed { get; }

    /// <summary>A batch of settlements was carried out.</summary>
    public void Settled(TimeSpan sinceReceipt)
    {
        SettleBatches.Increment();
        SettleLatency.Record(sinceReceipt);
    }

    /// <summary>Takes over what has happened in a turn.</summary>
    public void Take(QueueTallies tallies)
    {
        if (tallies.Completed > 0) Acked.Add(tallies.Completed);
        if (tallies.Refused > 0) Nacked.Add(tallies.Refused);
        if (tallies.ComingBack > 0) Redelivered.Add(tallies.ComingBack);
        if (tallies.Expired > 0) Expired.Add(tallies.Expired);
        tallies.Clear();
    }
}
