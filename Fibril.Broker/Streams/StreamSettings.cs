using System.Globalization;
using Fibril.Broker.Streams.Catalogue;
using Fibril.Protocol;

namespace Fibril.Broker.Streams;

/// <summary>What a stream was declared with; the same for all its partitions. Immutable: a declaration replaces it.</summary>
/// <param name="Tier">When records are delivered and confirmed; never changes (P-5).</param>
/// <param name="Retention">What is kept.</param>
/// <param name="ReplicationFactor">Followers of each partition; null for the default of the cluster. Stored, and of no effect on one broker.</param>
internal sealed record StreamSettings(Durability Tier, RetentionBounds Retention, int? ReplicationFactor)
{
    public static StreamSettings Default { get; } = new(Durability.Durable, RetentionBounds.None, null);

    /// <summary>One line for operators.</summary>
    public override string ToString() =>
        $"{StreamDeclaration.NameOf(Tier)}, {Retention}" + (ReplicationFactor is { } followers ? $", {followers} follower(s)" : "");
}

/// <summary>Bounds of what one partition keeps, in any combination; a stream without any keeps everything (P-40).</summary>
/// <param name="MaxAgeMs">Age from which a record may go, in milliseconds by the broker's clock; null for no bound.</param>
/// <param name="MaxBytes">Bytes that are kept; null for no bound.</param>
/// <param name="MaxRecords">Records that are kept; null for no bound.</param>
internal readonly record struct RetentionBounds(long? MaxAgeMs, long? MaxBytes, long? MaxRecords)
{
    public static RetentionBounds None => default;

    public bool IsNone => this == None;

    public override string ToString() => IsNone
        ? "keeps everything"
        : $"keeps {MaxAgeMs?.ToString(CultureInfo.InvariantCulture) ?? "any"} ms, {MaxBytes?.ToString(CultureInfo.InvariantCulture) ?? "any"} bytes, "
            + $"{MaxRecords?.ToString(CultureInfo.InvariantCulture) ?? "any"} records";
}
