namespace Fibril.Broker.Primitives;

/// <summary>The unit of ownership and order: one partition of one queue.</summary>
internal readonly record struct PartitionId(QueueName Queue, int Partition)
{
    public override string ToString() => $"{Queue}/{Partition}";
}
