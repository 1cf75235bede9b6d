using Fibril.Broker.Partitions;

namespace Fibril.Tests.Unit.Partitions;

/// <summary>A partition loop whose turns the test writes; they are told their number, counted from 1.</summary>
internal sealed class TestLoop(IWorkScheduler scheduler, Func<int, bool> turn) : PartitionLoop(scheduler)
{
    public int Turns { get; private set; }

    protected override bool Turn() => turn(++Turns);
}
