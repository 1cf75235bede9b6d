using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.Replay;

/// <summary>Dead letters of a whole queue that an operator wants to replay, however many there are.</summary>
/// <param name="DeadLetters">The queue they are in.</param>
internal sealed record BulkReplayRequest(QueueName DeadLetters)
{
    public const int MostPerSecondAtMost = 100_000;
    public const int DefaultMostFailures = 100;

    /// <summary>One partition of the queue only.</summary>
    public int? Partition { get; init; }

    public ReplayFilter Filter { get; init; } = new();

    /// <summary>Most dead letters that the filter lets pass; null for all that are there when the job begins.</summary>
    public long? MostMessages { get; init; }

    public ReplayMode Mode { get; init; } = ReplayMode.Copy;

    /// <summary>True: settle the dead letters for good, and copy none of them.</summary>
    public bool IsDeletion { get; init; }

    /// <summary>Where the copies go; null for where each dead letter came from.</summary>
    public QueueName? Target { get; init; }

    /// <summary>Who has asked for it, as in the audit trail; null when nobody in particular.</summary>
    public string? StartedBy { get; init; }

    /// <summary>True: count what would be replayed, list the first few, and change nothing.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Most dead letters that are copied, or deleted, in a second; null for as fast as it goes.</summary>
    public int? MostPerSecond { get; init; }

    /// <summary>The job stops at this many failures. Dead letters that are skipped are none.</summary>
    /// <remarks>No more are in hand at a time than may still fail, so a small number makes a slow job.</remarks>
    public int MostFailures { get; init; } = DefaultMostFailures;

    /// <exception cref="ArgumentException">A limit makes no sense, or the filter. The message says what to write instead.</exception>
    public void Check()
    {
        Filter.Check();
        if (MostMessages < 1) throw new ArgumentException($"{MostMessages} is no number of messages to replay; use 1 or more, or none for all.");
        if (MostPerSecond is < 1 or > MostPerSecondAtMost)
            throw new ArgumentException($"{MostPerSecond} a second is no rate; use 1 to {MostPerSecondAtMost}, or none for as fast as it goes.");
        if (Target == DeadLetters)
            throw new ArgumentException($"Queue {DeadLetters} is where the dead letters are; name another queue as the target, or none for where they came from.");
        if (MostFailures < 1) throw new ArgumentException($"A job cannot stop after {MostFailures} failures; use 1 or more.");
    }
}
