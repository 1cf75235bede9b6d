using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;

namespace Fibril.Broker.Statistics.History;

/// <summary>How a queue stands, all loaded partitions together.</summary>
/// <param name="Depth">Ready messages.</param>
/// <param name="Leased">Leased messages.</param>
/// <param name="IsActive">It holds messages, or somebody publishes to it or is subscribed.</param>
internal readonly record struct QueueNow(long Depth, long Leased, bool IsActive)
{
    /// <summary>Every queue of which something is loaded, from what its partitions have shown at the end of their last turn.</summary>
    public static Dictionary<QueueName, QueueNow> Of(QueueRegistry registry)
    {
        var queues = new Dictionary<QueueName, QueueNow>();
        foreach (PartitionSlot<QueuePartition> slot in registry.Slots)
        {
            if (slot.Loaded is not { Gauges: var gauges }) continue;
            QueueNow others = queues.GetValueOrDefault(slot.Id.Queue);
            bool isActive = others.IsActive || gauges.Ready + gauges.Leased + gauges.Delayed + gauges.DeadLettering + gauges.Subscriptions > 0
                || slot.CountOf(PartitionUse.Publish) > 0;
            queues[slot.Id.Queue] = new QueueNow(others.Depth + gauges.Ready, others.Leased + gauges.Leased, isActive);
        }

        return queues;
    }
}
