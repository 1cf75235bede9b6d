namespace Fibril.Broker.RuntimeSettings;

internal static partial class RuntimeFields
{
    private static RuntimeField[] DeliveryFields() =>
    [
        Duration(Delivery, "inflight_ttl_ms", OneMillisecond, TimeSpan.FromDays(365),
            static options => options.Delivery.LeaseDuration, static (options, value) => options.Delivery.LeaseDuration = value,
            "How long a delivered, unsettled message stays leased.", FieldApplies.NextUse),
        Duration(Delivery, "expiry_poll_min_ms", OneMillisecond, OneHour,
            static options => options.Delivery.ExpiryPollInterval, static (options, value) => options.Delivery.ExpiryPollInterval = value,
            "Longest time between looks at the wall clock while messages have a time to live."),
        Count(Delivery, "expiry_batch_max", 1, int.MaxValue,
            static options => options.Delivery.ExpiryBatchCount, static (options, value) => options.Delivery.ExpiryBatchCount = value,
            "Most messages one expiry pass handles."),
        Duration(Delivery, "delivery_poll_max_ms", OneMillisecond, OneHour,
            static options => options.Delivery.DelayPollInterval, static (options, value) => options.Delivery.DelayPollInterval = value,
            "Longest time between looks at the wall clock while messages are delayed."),
    ];

    private static RuntimeField[] IdleQueueFields() =>
    [
        Boolean(IdleQueueCleanup, "enabled",
            static options => options.IdleQueues.Enabled, static (options, value) => options.IdleQueues.Enabled = value,
            "True unloads queues that nobody uses from memory; nothing of them is deleted."),
        Duration(IdleQueueCleanup, "evict_after_ms", TimeSpan.Zero, TimeSpan.FromDays(7),
            static options => options.IdleQueues.EvictAfter, static (options, value) => options.IdleQueues.EvictAfter = value,
            "How long nobody may have used a queue before it is unloaded."),
        Duration(IdleQueueCleanup, "sweep_interval_ms", OneMillisecond, TimeSpan.FromDays(1),
            static options => options.IdleQueues.SweepInterval, static (options, value) => options.IdleQueues.SweepInterval = value,
            "Time between two looks for queues to unload, or to delete when they were declared so."),
        Duration(IdleQueueCleanup, "publisher_idle_timeout_ms", TimeSpan.Zero, TimeSpan.FromDays(7),
            static options => options.Sessions.PublisherIdleTimeout, static (options, value) => options.Sessions.PublisherIdleTimeout = value,
            "After this time without a publish a connection no longer keeps a queue loaded; 0 for never.", nullMeans: TimeSpan.Zero),
    ];

    private static RuntimeField[] PartitioningFields() =>
    [
        Count(Partitioning, "default_partition_count", 1, 1024,
            static options => options.Delivery.DefaultPartitionCount, static (options, value) => options.Delivery.DefaultPartitionCount = value,
            "Partitions of a queue or stream declared without a count; at most broker.max_partition_count.", FieldApplies.NextUse),
    ];

    private static RuntimeField[] ConsumerGroupFields() =>
    [
        Count(ConsumerGroups, "default_target_per_consumer", 0, 65_536,
            static options => options.Cohorts.DefaultTargetPerConsumer, static (options, value) => options.Cohorts.DefaultTargetPerConsumer = value,
            "Partitions that a member of an exclusive consumer group would like to have at most, unless it says so itself; 0 for no limit.",
            nullMeans: 0),
    ];
}
