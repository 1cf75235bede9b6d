using Fibril.Broker.Queues.DeadLetters;
using Fibril.Broker.Queues.Inspection;

namespace Fibril.Broker.Queues.Failures;

/// <summary>Counts dead letters that belong together. Not thread-safe.</summary>
internal sealed class FailureTally(CountedIntervals intervals)
{
    private const int MostSamples = 3;

    private readonly long[] _counts = new long[intervals.Count];
    private readonly List<(long AtMs, MessageLink Place)> _samples = []; // the newest first

    public long Count { get; private set; }

    /// <summary>When the oldest became a dead letter, Unix milliseconds; null when none says so.</summary>
    public long? OldestMs { get; private set; }

    public long? NewestMs { get; private set; }

    /// <summary>The fewest retries before one was given up; null when none says so.</summary>
    public long? FewestRetries { get; private set; }

    public long? MostRetries { get; private set; }

    /// <summary>How many became dead letters in each interval, the oldest first.</summary>
    public IReadOnlyList<long> Counts => _counts;

    /// <summary>Where the newest of them are.</summary>
    public IEnumerable<MessageLink> Samples => _samples.Select(static sample => sample.Place);

    public void Add(DeadLetterSource source, MessageLink place)
    {
        Count++;
        if (source.Retries is { } retries)
        {
            FewestRetries = Math.Min(FewestRetries ?? retries, retries);
            MostRetries = Math.Max(MostRetries ?? retries, retries);
        }

        if (source.AtMs is { } at)
        {
            OldestMs = Math.Min(OldestMs ?? at, at);
            NewestMs = Math.Max(NewestMs ?? at, at);
            if (intervals.IndexOf(at) is { } index) _counts[index]++;
        }

        KeepNewest(source.AtMs ?? 0, place);
    }

    private void KeepNewest(long atMs, MessageLink place)
    {
        int index = _samples.FindIndex(sample => sample.AtMs < atMs || (sample.AtMs == atMs && sample.Place.Offset < place.Offset));
        if (index < 0) index = _samples.Count;
        if (index == MostSamples) return;
        _samples.Insert(index, (atMs, place));
        if (_samples.Count > MostSamples) _samples.RemoveAt(MostSamples);
    }
}
