using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.DeadLetters;

namespace Fibril.Broker.Queues;

/// <summary>What a partition asks of the broker it is in. Thread-safe.</summary>
internal interface IPartitionHost : IDeadLetterRouter
{
    /// <summary>A loaded partition has found that what is stored is not what was written, and has parked itself.</summary>
    void Damaged(PartitionId id, LogDamagedException damage);
}
