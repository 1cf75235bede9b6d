namespace Fibril.Broker.Channels.Inspection;

/// <summary>Partitions of a channel that are gone through one after the other.</summary>
/// <param name="First">The first.</param>
/// <param name="End">Behind the last.</param>
internal readonly record struct PartitionSpan(int First, int End)
{
    /// <param name="only">One partition; null for all.</param>
    /// <param name="count">How many there are; of none the first is visited all the same, which says what is wrong.</param>
    public static PartitionSpan Of(int? only, int count) => only is { } one ? new PartitionSpan(one, one + 1) : new PartitionSpan(0, Math.Max(count, 1));
}
