using Fibril.Broker.Queues.State;
using Fibril.Protocol;

namespace Fibril.Broker.Queues;

/// <summary>What a queue was declared with; the same for all its partitions. Immutable: a declaration replaces it.</summary>
/// <param name="MaxRetries">Retries before the dead-letter policy applies; null for no limit (M-42).</param>
/// <param name="DefaultTtlMs">Time to live of messages without their own, in milliseconds; null for none.</param>
/// <param name="DeadLetterPolicy">What happens to a message that failed for good; null when it was never declared, which discards (D-31).</param>
internal sealed record QueueSettings(int? MaxRetries, long? DefaultTtlMs, DeadLetterPolicy? DeadLetterPolicy)
{
    /// <summary>Most messages that are not settled, for each partition; null for no limit.</summary>
    public long? MaxMessages { get; init; }

    /// <summary>Most bytes of such messages, for each partition, by the mean size of its messages; null for no limit.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>What happens beyond either limit.</summary>
    public OverflowPolicy Overflow { get; init; }

    /// <summary>Time after which a queue that is empty and unused is deleted, in milliseconds; null for never.</summary>
    public long? DeleteAfterIdleMs { get; init; }

    /// <summary>When a message expires that has no time to live of its own and comes now; null for never. Unix milliseconds.</summary>
    public long? DeadlineFrom(long nowMs) => DefaultTtlMs is { } ttl ? nowMs + Math.Min(ttl, long.MaxValue - nowMs) : null;

    public static QueueSettings Default { get; } = new(null, null, null);
}
