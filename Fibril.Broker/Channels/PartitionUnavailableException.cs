using Fibril.Broker.Log;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Channels;

/// <summary>A partition could not be loaded. The message is fit for clients.</summary>
internal sealed class PartitionUnavailableException(PartitionId partition, string traceId, Exception cause)
    : Exception(
        $"Partition {partition} cannot be opened: {cause.Message.TrimEnd('.')}. {FaultTrace.Sentence(traceId)} "
        + "Other partitions are not affected. "
        + (Means(cause) ? "It is quarantined until an operator repairs it or restores its files." : "Look at the disk; the next request tries again."),
        cause)
{
    public PartitionId Partition { get; } = partition;

    /// <summary>True when what is on the disk is wrong, and trying again cannot help.</summary>
    public bool IsDamage { get; } = Means(cause);

    private static bool Means(Exception cause) =>
        cause is LogDamagedException or InvalidDataException or NotSupportedException or MessagePack.MessagePackSerializationException;
}
