using Fibril.Broker.Queues;

namespace Fibril.Tests.Support;

/// <summary>Takes room in the lane of a partition and does nothing.</summary>
internal sealed class IdleCommand : QueueCommand
{
    public override void Apply(QueuePartition partition)
    {
    }
}
