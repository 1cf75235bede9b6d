namespace Fibril.Broker.Queues;

/// <summary>Leases, expiry and polling of queue deliveries. The keys live under <c>runtime_seed.delivery</c>.</summary>
internal sealed class DeliveryOptions
{
    /// <summary>How long a delivered, unsettled message stays leased; 1 ms to 365 days, default 30 s.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time between looks at the wall clock while messages have a time to live; 1 ms to 1 h, default 15 s.</summary>
    public TimeSpan ExpiryPollInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Most messages one expiry pass handles; at least 1, default 8192.</summary>
    public int ExpiryBatchCount { get; set; } = 8192;

    /// <summary>Longest time between looks at the wall clock while messages are delayed; 1 ms to 1 h, default 5 s.</summary>
    public TimeSpan DelayPollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Partitions of a queue declared without a count; 1 to 1024, default 1.</summary>
    public int DefaultPartitionCount { get; set; } = 1;
}
