using Fibril.Broker.Log;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Channels;

/// <summary>A partition that serves nobody because its files are damaged.</summary>
internal sealed record QuarantinedPartition(PartitionId Partition, LogDamage Damage);
