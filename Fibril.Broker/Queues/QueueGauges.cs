using Fibril.Broker.Log;

namespace Fibril.Broker.Queues;

/// <summary>How a partition stands, as of the end of its last turn. Written by its loop, read by anybody: looking costs it nothing (O-12).</summary>
internal sealed class QueueGauges
{
    private long _ready;
    private long _leased;
    private long _delayed;
    private long _deadLettering;
    private long _deadLettered;
    private long _subscriptions;
    private long _oldestReadyMs;
    private long _oldestUnsettledMs;
    private long _messageBytes;
    private long _eventBytes;

    public long Ready
    {
        get => Volatile.Read(ref _ready);
        set => Volatile.Write(ref _ready, value);
    }

    public long Leased
    {
        get => Volatile.Read(ref _leased);
        set => Volatile.Write(ref _leased, value);
    }

    public long Delayed
    {
        get => Volatile.Read(ref _delayed);
        set => Volatile.Write(ref _delayed, value);
    }

    /// <summary>Messages whose copy to the dead-letter target is not durable yet.</summary>
    public long DeadLettering
    {
        get => Volatile.Read(ref _deadLettering);
        set => Volatile.Write(ref _deadLettering, value);
    }

    /// <summary>Messages whose copy to the dead-letter target was made durable since the partition was loaded.</summary>
    public long DeadLettered
    {
        get => Volatile.Read(ref _deadLettered);
        set => Volatile.Write(ref _deadLettered, value);
    }

    public long Subscriptions
    {
        get => Volatile.Read(ref _subscriptions);
        set => Volatile.Write(ref _subscriptions, value);
    }

    /// <summary>When the oldest ready message was received, in Unix milliseconds, or a little before; 0 when nothing is ready.</summary>
    public long OldestReadyMs
    {
        get => Volatile.Read(ref _oldestReadyMs);
        set => Volatile.Write(ref _oldestReadyMs, value);
    }

    /// <summary>When the oldest message that is not settled was received, as <see cref="OldestReadyMs"/>.</summary>
    public long OldestUnsettledMs
    {
        get => Volatile.Read(ref _oldestUnsettledMs);
        set => Volatile.Write(ref _oldestUnsettledMs, value);
    }

    /// <summary>Bytes of the log of messages.</summary>
    public long MessageBytes
    {
        get => Volatile.Read(ref _messageBytes);
        set => Volatile.Write(ref _messageBytes, value);
    }

    /// <summary>Bytes of the log of events.</summary>
    public long EventBytes
    {
        get => Volatile.Read(ref _eventBytes);
        set => Volatile.Write(ref _eventBytes, value);
    }

    /// <summary>What the partition takes on the disk.</summary>
    public StoredSize Stored => new(MessageBytes, EventBytes);
}
