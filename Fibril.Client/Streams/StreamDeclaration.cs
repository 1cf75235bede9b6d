using Fibril.Protocol;

namespace Fibril.Client;

/// <summary>What a stream is to be like. What is null is left to the broker.</summary>
public sealed class StreamDeclaration
{
    /// <summary>Number of partitions, at least 1. An existing stream keeps its own.</summary>
    public int? PartitionCount { get; init; }

    /// <summary>When records are delivered and confirmed; default <see cref="Durability.Durable"/>. An existing stream cannot change it.</summary>
    public Durability Durability { get; init; } = Durability.Durable;

    /// <summary>Records older than this may go; null for no such limit. Precise to a millisecond, more than zero.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Bytes above which the oldest records of a partition may go; null for no such limit. 1 or more.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Records above which the oldest of a partition may go; null for no such limit. 1 or more.</summary>
    public long? MaxRecords { get; init; }

    /// <summary>Copies besides the owner's, for durable streams; null for the cluster's default, 0 for none.</summary>
    public int? ReplicationFactor { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A number makes no sense; the message says which and what to write.</exception>
    internal DeclarePlexusMessage ToMessage(string topic)
    {
        Check(PartitionCount is null or >= 1, nameof(PartitionCount), PartitionCount, "1 or more");
        Check(Enum.IsDefined(Durability), nameof(Durability), Durability, "Ephemeral, Speculative or Durable");
        Check(MaxAge is not { } age || age > TimeSpan.Zero, nameof(MaxAge), MaxAge, "more than zero");
        Check(MaxBytes is null or >= 1, nameof(MaxBytes), MaxBytes, "1 or more");
        Check(MaxRecords is null or >= 1, nameof(MaxRecords), MaxRecords, "1 or more");
        Check(ReplicationFactor is null or >= 0, nameof(ReplicationFactor), ReplicationFactor, "0 or more");
        var retention = new StreamRetention(
            MaxAge is { } keep ? (ulong)Math.Ceiling(keep.TotalMilliseconds) : null, (ulong?)MaxBytes, (ulong?)MaxRecords);
        return new DeclarePlexusMessage(topic, (uint?)PartitionCount, Durability, retention, (uint?)ReplicationFactor);
    }

    private static void Check<T>(bool isRight, string name, T value, string range)
    {
        if (!isRight) throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; use {range}, or leave it out.");
    }
}
