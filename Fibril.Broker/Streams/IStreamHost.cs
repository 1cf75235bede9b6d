using Fibril.Broker.Log;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Streams;

/// <summary>What a stream partition asks of the broker it is in. Thread-safe.</summary>
internal interface IStreamHost
{
    /// <summary>A loaded partition has found that what is stored is not what was written, and has parked itself.</summary>
    void Damaged(PartitionId id, LogDamagedException damage);
}
