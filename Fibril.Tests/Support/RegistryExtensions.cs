using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;

namespace Fibril.Tests.Support;

/// <summary>Partitions for tests that do not care how long they stay loaded.</summary>
internal static class RegistryExtensions
{
    /// <summary>The partition, loaded, until the end of the test.</summary>
    public static async ValueTask<QueuePartition> GetAsync(this QueueRegistry registry, PartitionId id) =>
        (await registry.AcquireAsync(id, PartitionUse.Visit)).Partition;

    /// <summary>The partition, when it is loaded already.</summary>
    public static QueuePartition? FindLoaded(this QueueRegistry registry, PartitionId id) =>
        registry.Loaded.FirstOrDefault(partition => partition.Id == id);
}
