using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.Failures;

/// <summary>Dead letters of a queue that an operator wants to see by their causes.</summary>
/// <param name="Queue">The queue they are in.</param>
internal sealed record FailureQuestion(QueueName Queue)
{
    public const int DefaultExamined = 100_000;
    public const int MostExaminedAtMost = 1_000_000;
    public const int DefaultIntervals = 24;
    public const int MostIntervals = 168;
    public const long DefaultIntervalMs = 3_600_000;

    /// <summary>One partition of the queue only.</summary>
    public int? Partition { get; init; }

    /// <summary>Most messages to look at: of every partition as many, the newest first.</summary>
    public int MostExamined { get; init; } = DefaultExamined;

    /// <summary>How many intervals to count in, up to now.</summary>
    public int Intervals { get; init; } = DefaultIntervals;

    /// <summary>Length of each, in milliseconds.</summary>
    public long IntervalMs { get; init; } = DefaultIntervalMs;
}
