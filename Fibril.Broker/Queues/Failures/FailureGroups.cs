using Fibril.Broker.Queues.DeadLetters;
using Fibril.Broker.Queues.Inspection;

namespace Fibril.Broker.Queues.Failures;

/// <summary>Sorts dead letters by their causes, in bounded memory: the causes that are met first have groups, what comes beyond goes to the others. Not thread-safe.</summary>
internal sealed class FailureGroups(CountedIntervals intervals)
{
    public const int MostGroups = 200;

    private readonly Dictionary<string, FailureGroup> _groups = [];

    public FailureTally All { get; } = new(intervals);

    public FailureTally? Others { get; private set; }

    /// <summary>The largest first.</summary>
    public IReadOnlyList<FailureGroup> Sorted =>
        [.. _groups.Values.OrderByDescending(static group => group.Tally.Count).ThenByDescending(static group => group.Tally.NewestMs).ThenBy(static group => group.Fingerprint.Id, StringComparer.Ordinal)];

    /// <summary>Counts a dead letter.</summary>
    /// <param name="source">What its headers say.</param>
    /// <param name="fingerprint">Its cause.</param>
    /// <param name="place">Where it is.</param>
    public void Add(DeadLetterSource source, FailureFingerprint fingerprint, MessageLink place)
    {
        All.Add(source, place);
        if (!_groups.TryGetValue(fingerprint.Id, out FailureGroup? group))
        {
            if (_groups.Count == MostGroups)
            {
                (Others ??= new FailureTally(intervals)).Add(source, place);
                return;
            }

            _groups.Add(fingerprint.Id, group = new FailureGroup(fingerprint, source, new FailureTally(intervals)));
        }

        group.Tally.Add(source, place);
    }
}
