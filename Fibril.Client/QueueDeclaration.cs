using Fibril.Protocol;

namespace Fibril.Client;

/// <summary>What a queue is to be like. What is null stays as it is, or gets the broker's default.</summary>
public sealed class QueueDeclaration
{
    /// <summary>Namespace of the queue; null, empty and <c>default</c> mean none.</summary>
    public string? Group { get; init; }

    /// <summary>Number of partitions, at least 1. An existing queue keeps its own.</summary>
    public int? PartitionCount { get; init; }

    /// <summary>Where messages go that failed for good.</summary>
    public DeadLetterPolicy? DeadLetterPolicy { get; init; }

    /// <summary>Retries before a message counts as failed for good; 0 or more.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>Messages without a time to live of their own expire this long after the broker received them. Precise to a millisecond.</summary>
    public TimeSpan? DefaultTimeToLive { get; init; }
}
