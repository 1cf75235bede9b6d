using Fibril.Broker.Queues;

namespace Fibril.Tests.Support;

/// <summary>A fault that a partition does not know, which takes it out of service.</summary>
internal sealed class BrokenCommand : QueueCommand
{
    public override void Apply(QueuePartition partition) => throw new InvalidOperationException("broken on purpose");
}
