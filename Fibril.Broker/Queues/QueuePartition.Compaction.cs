using Fibril.Broker.Log;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues;

// After each snapshot, segments that hold little but settled messages are rewritten without them, off the loop and one run at a time (S-28).
// Only what the durable snapshot says to be settled is left out.
internal sealed partial class QueuePartition
{
    private readonly Queue<QueueCommand> _putOff = new();
    private CompactionWork? _compaction;

    /// <summary>
    /// True while a compaction is about to move messages: until it has ended, reads of them cannot succeed. Changes amid a turn, as the
    /// compaction gets on elsewhere.
    /// </summary>
    private bool IsMovingMessages => _compaction is { HasGivenUpSegments: true };

    /// <summary>Lets a question wait whose answer would be the plan of a read that cannot succeed.</summary>
    internal bool TryPutOff(QueueCommand question)
    {
        if (!IsMovingMessages) return false;
        _putOff.Enqueue(question);
        return true;
    }

    /// <summary>Asks again what was put off; the next compaction may put some of it off once more.</summary>
    private void AskAgain()
    {
        for (int count = IsMovingMessages ? 0 : _putOff.Count; count > 0; count--) _putOff.Dequeue().Apply(this);
    }

    private void ConsiderCompaction(IReadOnlyList<OffsetRange> settled)
    {
        int minLivePercent = _environment.Log.Options.CompactionMinLivePercent;
        if (minLivePercent == 0 || _compaction is not null || IsStopping) return;
        if (_messages.PlanCompaction(settled, minLivePercent) is not { } plan) return;
        _compaction = new CompactionWork(this, plan, settled);
        _compaction.Start();
    }

    private void FinishCompaction()
    {
        if (_compaction is not { HasEnded: true } work) return;
        _compaction = null;
        if (work.Failure is { } failure)
        {
            if (failure is LogDamagedException damage)
            {
                Park($"a stored message cannot be read: {damage.Message}", damage);
                return;
            }

            // The next snapshot is the next occasion.
            _environment.Logger.NotCompacted(Id, failure);
            if (StorageFaults.IsDiskFull(failure)) _environment.Reserve.NoteFull();
            if (work.LeftNamesUnknown) BeginOutage(failure);
            return;
        }

        long freed = _messages.FinishCompaction(work.Result!);
        freed += DropSettled();
        _environment.Logger.Compacted(Id, work.Result!.Plan.Segments.Count, freed);
        ConsiderCompaction(work.Settled);
    }

    /// <summary>A partition that opens its files anew finds what was done of it there.</summary>
    private void AbandonCompaction()
    {
        if (_compaction is { HasEnded: true }) _compaction = null;
    }

    /// <summary>Rewrites one run of segments, off the loop.</summary>
    private sealed class CompactionWork(QueuePartition owner, CompactionPlan plan, IReadOnlyList<OffsetRange> settled)
        : OffLoopWork(owner, owner._environment.Work)
    {
        private readonly SegmentedLog _log = owner._messages;

        public IReadOnlyList<OffsetRange> Settled => settled;

        public CompactionResult? Result { get; private set; }

        /// <summary>True from the moment that the new file may have the name of an old one.</summary>
        public bool HasGivenUpSegments => plan.Segments[0].IsGivenUp;

        /// <summary>True when the new file may or may not have the name of an old one: only opening the files anew can tell.</summary>
        public bool LeftNamesUnknown => Failure is not null && HasGivenUpSegments;

        protected override void Run() => Result = _log.Compact(plan);
    }
}
