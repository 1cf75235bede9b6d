using Fibril.Broker.Channels.Catalogue;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.State;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.Catalogue;

/// <summary>What a client declares. Null leaves a setting as it is (Q-13, DCL-3).</summary>
internal sealed record QueueDeclaration(int? PartitionCount, int? MaxRetries, long? DefaultTtlMs, DeadLetterPolicy? DeadLetterPolicy)
{
    public long? MaxMessages { get; init; }

    public long? MaxBytes { get; init; }

    public OverflowPolicy? Overflow { get; init; }

    public long? DeleteAfterIdleMs { get; init; }

    /// <exception cref="DeadLetterTargetException">The queue would be its own dead-letter target (D-38).</exception>
    /// <exception cref="ArgumentException">There are too many partitions. Both messages are fit for clients.</exception>
    public void Check(QueueName name, int maxPartitionCount)
    {
        ChannelEntry.CheckPartitionCount(PartitionCount, maxPartitionCount);
        if (DeadLetterPolicy is { Kind: DeadLetterPolicyKind.Custom, Topic: { } topic } && new QueueName(topic, DeadLetterPolicy.Group) == name)
            throw new DeadLetterTargetException(name);
    }

    /// <summary>The entry after this declaration.</summary>
    /// <remarks>
    /// A count larger than the present one adds partitions; a smaller one changes nothing, because a partition may hold messages
    /// (DCL-2: shrinking is not done by declaring). The reply carries the count in effect.
    /// </remarks>
    public QueueEntry ApplyTo(QueueEntry? existing, QueueName name, int defaultCount)
    {
        int present = existing?.PartitionCount ?? 0;
        int wanted = PartitionCount ?? (existing is null ? defaultCount : present);
        QueueSettings settings = existing?.Settings ?? QueueSettings.Default;
        return new QueueEntry(name, IsDeclared: true, Math.Max(present, wanted), new QueueSettings(
            MaxRetries ?? settings.MaxRetries,
            DefaultTtlMs ?? settings.DefaultTtlMs,
            DeadLetterPolicy ?? settings.DeadLetterPolicy)
        {
            MaxMessages = MaxMessages ?? settings.MaxMessages,
            MaxBytes = MaxBytes ?? settings.MaxBytes,
            Overflow = Overflow ?? settings.Overflow,
            DeleteAfterIdleMs = DeleteAfterIdleMs ?? settings.DeleteAfterIdleMs,
        });
    }
}

/// <summary>A queue cannot be its own dead-letter target (D-38). The message is fit for clients.</summary>
internal sealed class DeadLetterTargetException(QueueName name)
    : ArgumentException($"Queue {name} cannot be its own dead-letter target; name another queue.");
