using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.Inspection;

/// <summary>What can happen to a message.</summary>
internal enum StoryEventKind
{
    /// <summary>The producer made it, by its own clock.</summary>
    Published,

    /// <summary>The broker got it.</summary>
    Received,

    /// <summary>It was synced, and only then confirmed to its producer. When that was is not written down.</summary>
    Durable,

    /// <summary>A lease ended without settling it.</summary>
    Returned,

    /// <summary>A consumer asked for a retry, which counts.</summary>
    Retried,

    /// <summary>It failed for good, and waits for its copy to the dead-letter target.</summary>
    DeadLettered,

    /// <summary>That copy is being made.</summary>
    CopyBegun,

    /// <summary>A copy is durable elsewhere: a dead letter, or the replay of one.</summary>
    Copied,

    /// <summary>It is finished.</summary>
    Settled,
}

/// <summary>One line of the story of a message.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="AtMs">
/// When, in Unix milliseconds of the broker, or of the producer for <see cref="StoryEventKind.Published"/>; null when nobody knows.
/// </param>
internal sealed record StoryEvent(StoryEventKind Kind, long? AtMs)
{
    /// <summary>Who had it, for a lease that ended.</summary>
    public string? Holder { get; init; }

    /// <summary>Why a lease ended, it became a dead letter, or was settled: a stable name.</summary>
    public string? Reason { get; init; }

    /// <summary>Retries up to this one.</summary>
    public int? Retries { get; init; }

    /// <summary>Unix milliseconds before which it is not delivered; null for at once.</summary>
    public long? NotBeforeMs { get; init; }

    /// <summary>Unix milliseconds at which its time to live is over; null for never.</summary>
    public long? ExpiresAtMs { get; init; }

    /// <summary>Where a copy is.</summary>
    public MessageLink? Copy { get; init; }
}

/// <summary>The place of a message.</summary>
internal sealed record MessageLink(PartitionId Partition, long Offset);
