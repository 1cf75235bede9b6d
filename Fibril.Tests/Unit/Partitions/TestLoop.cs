using Fibril.Broker.Log;
using Fibril.Broker.Partitions;

namespace Fibril.Tests.Unit.Partitions;

/// <summary>A partition loop whose turns the test writes; they are told their number, counted from 1.</summary>
internal sealed class TestLoop(IWorkScheduler scheduler, Func<int, bool> turn) : PartitionLoop(scheduler)
{
    public int Turns { get; private set; }

    /// <summary>Left to the borrowed thread by the next turn on one.</summary>
    public IFlushJob? Flush { get; set; }

    /// <summary>What the flushes on borrowed threads said: whether there is more.</summary>
    public List<bool> FlushesHere { get; } = [];

    protected override bool Turn()
    {
        if (IsOnBorrowedThread)
        {
            FlushToRunHere = Flush;
            Flush = null;
        }

        return turn(++Turns);
    }

    protected override void FlushRanHere(IFlushJob job, bool hasMore) => FlushesHere.Add(hasMore);
}
