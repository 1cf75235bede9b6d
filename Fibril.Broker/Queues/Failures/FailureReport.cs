using Fibril.Broker.Queues.DeadLetters;

namespace Fibril.Broker.Queues.Failures;

/// <summary>Dead letters of one cause.</summary>
/// <param name="Fingerprint">The cause.</param>
/// <param name="Source">Of one of them: the reason and the queue are those of all.</param>
/// <param name="Tally">What was counted.</param>
internal sealed record FailureGroup(FailureFingerprint Fingerprint, DeadLetterSource Source, FailureTally Tally);

/// <summary>Dead letters of a queue by their causes, as far as they were looked at.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Intervals">The intervals that were counted in.</param>
/// <param name="Examined">Messages that were looked at.</param>
/// <param name="IsCut">True when there are older ones that were not.</param>
/// <param name="All">All dead letters that were met.</param>
/// <param name="Groups">The largest first.</param>
/// <param name="Others">Dead letters of causes that there was no room for; null when there was room for all.</param>
internal sealed record FailureReport(
    FailureQuestion Question,
    CountedIntervals Intervals,
    long Examined,
    bool IsCut,
    FailureTally All,
    IReadOnlyList<FailureGroup> Groups,
    FailureTally? Others);
