using Fibril.Broker.Primitives;
using Fibril.Protocol;

namespace Fibril.Broker.Streams.Catalogue;

/// <summary>What a client declares a stream with.</summary>
/// <param name="PartitionCount">Null for the default of a new stream, and for the present one of a stream that exists.</param>
/// <param name="Tier">When records are delivered and confirmed.</param>
/// <param name="Retention">What to keep. Without any bound, a stream that exists keeps those that it has.</param>
/// <param name="ReplicationFactor">Followers of each partition; null leaves it as it is.</param>
internal sealed record StreamDeclaration(int? PartitionCount, Durability Tier, RetentionBounds Retention, int? ReplicationFactor)
{
    /// <summary>The entry after this declaration.</summary>
    /// <remarks>
    /// A count larger than the present one adds partitions; a smaller one changes nothing, because a partition may hold records (DCL-2). The
    /// reply carries the count in effect. A bound in a declaration replaces all three: they are chosen together.
    /// </remarks>
    /// <exception cref="ArgumentException">A tier that is delivered early is never replicated (P-34). The message is fit for clients.</exception>
    /// <exception cref="StreamConflictException">The stream has another tier (P-5).</exception>
    public StreamEntry ApplyTo(StreamEntry? existing, QueueName name, int defaultCount)
    {
        if (ReplicationFactor > 0 && Tier != Durability.Durable)
        {
            throw new ArgumentException(
                $"A stream of the {NameOf(Tier)} tier is never replicated, so its replication factor cannot be {ReplicationFactor}. "
                + "Leave it out, or declare the durable tier.");
        }

        if (existing is not null && existing.Settings.Tier != Tier) throw new StreamConflictException(name, existing.Settings.Tier, Tier);
        int present = existing?.PartitionCount ?? 0;
        int wanted = PartitionCount ?? (existing is null ? defaultCount : present);
        StreamSettings settings = existing?.Settings ?? StreamSettings.Default;
        return new StreamEntry(name, Math.Max(present, wanted), new StreamSettings(
            Tier,
            Retention.IsNone ? settings.Retention : Retention,
            ReplicationFactor ?? settings.ReplicationFactor));
    }

    /// <summary>What users call a tier.</summary>
    public static string NameOf(Durability tier) => tier switch
    {
        Durability.Ephemeral => "ephemeral",
        Durability.Speculative => "speculative",
        _ => "durable",
    };
}
