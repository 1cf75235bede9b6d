namespace Fibril.Dashboard.Api.Models;

/// <summary>A page of queues: <c>GET /admin/api/queues/list</c>.</summary>
public sealed record QueueList(int Total, IReadOnlyList<QueueRow> Queues);

/// <summary>One queue, with the numbers of its loaded partitions.</summary>
public sealed record QueueRow(
    string Topic, string? Group, bool Declared, int PartitionCount, int LoadedPartitions, long ReadyCount, long InflightCount, long DelayedCount, long PendingDlqCount,
    long DeadLetteredTotal, long Subscriptions, long Publishers, long StoredBytes, long? OldestReadyMs, long? OldestUnsettledMs, string? Error, QueueSettings Settings)
{
    /// <summary>Which row is which.</summary>
    public string Key => $"{Topic}@{Group}";

    /// <summary>Messages wait, and nobody takes them.</summary>
    public bool IsAbandoned => ReadyCount > 0 && Subscriptions == 0;
}

/// <summary>What a queue was declared with.</summary>
public sealed record QueueSettings(
    DeadLetterPolicy Dlq, int? MaxRetries, long? DefaultMessageTtlMs, long? MaxMessages, long? MaxBytes, string Overflow, long? ExpireAfterIdleMs);

/// <summary>What becomes of messages that failed for good.</summary>
/// <param name="Policy"><c>discard</c>, <c>global</c> or <c>custom</c>.</param>
/// <param name="Target">Where they go, when the policy is custom.</param>
public sealed record DeadLetterPolicy(string Policy, ChannelName? Target)
{
    public override string ToString() => Target is { } target ? $"to {target}" : Policy;
}

/// <summary>A queue, or a stream.</summary>
public sealed record ChannelName(string Topic, string? Group = null)
{
    public override string ToString() => Formats.Show.Channel(Topic, Group);
}

/// <summary>One queue with all its partitions: <c>GET /admin/api/queues/get</c>.</summary>
public sealed record QueueDetail(QueueRow Queue, IReadOnlyList<PartitionRow> Partitions);

/// <summary>One partition.</summary>
public sealed record PartitionRow(
    string Topic, int Partition, string? Group, bool Materialized, bool ExistsOnDisk, string Role, string? Error, PartitionState State, long MessageBytes, long EventBytes,
    long LastSnapshotTimestamp, bool DirtySinceSnapshot);

/// <summary>Its counters; all zero while it is not loaded.</summary>
public sealed record PartitionState(
    long SettledUntil, long ReadyCount, long InflightCount, long RetriesCount, long? MinReady, long? MaxReady, long? NextExpiryHint, long DelayedCount, long PendingDlqCount, long EndOffset,
    long? OldestReadyMs);
