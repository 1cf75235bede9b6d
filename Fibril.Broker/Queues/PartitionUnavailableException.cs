using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues;

/// <summary>A partition could not be opened, and stays closed until the broker is restarted. The message is fit for clients.</summary>
internal sealed class PartitionUnavailableException(PartitionId partition, string traceId, Exception cause)
    : Exception(
        $"Partition {partition} cannot be opened: {cause.Message.TrimEnd('.')}. {FaultTrace.Sentence(traceId)} "
        + "Other partitions are not affected; restore its files or the disk, then restart the broker.",
        cause)
{
    public PartitionId Partition { get; } = partition;
}
