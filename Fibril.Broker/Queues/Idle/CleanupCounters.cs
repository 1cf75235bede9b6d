using Fibril.Broker.Channels.Slots;

namespace Fibril.Broker.Queues.Idle;

/// <summary>What the cleanup has done since the start (I-41). Thread-safe.</summary>
internal sealed class CleanupCounters
{
    private readonly long[] _outcomes = new long[Enum.GetValues<UnloadOutcome>().Length];

    /// <summary>Partitions looked at.</summary>
    public long Attempts => _outcomes.Sum();

    /// <summary>Queues deleted because they were empty and unused for as long as they were declared to be kept.</summary>
    public long QueuesDeleted => Interlocked.Read(ref _queuesDeleted);

    private long _queuesDeleted;

    public long CountOf(UnloadOutcome outcome) => Interlocked.Read(ref _outcomes[(int)outcome]);

    internal void Note(UnloadOutcome outcome) => Interlocked.Increment(ref _outcomes[(int)outcome]);

    internal void NoteDeleted() => Interlocked.Increment(ref _queuesDeleted);
}
