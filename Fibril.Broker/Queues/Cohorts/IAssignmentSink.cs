using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.Cohorts;

/// <summary>Who is told what a member of a cohort is assigned. Thread-safe; never blocks.</summary>
internal interface IAssignmentSink
{
    /// <param name="queue">The queue.</param>
    /// <param name="cohort">The cohort.</param>
    /// <param name="generation">Tells an older assignment from a newer one.</param>
    /// <param name="partitions">All partitions of the member, in order.</param>
    void Assigned(QueueName queue, string cohort, ulong generation, IReadOnlyList<int> partitions);

    /// <summary>Nothing of this session is a member of the cohort any more.</summary>
    void Left(QueueName queue, string cohort);
}
