using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Inspection;

namespace Fibril.Broker.Queues.Replay;

/// <summary>Where the copies of a job are, as runs of offsets, so that they can be withdrawn. Bounded: of too many it remembers none. Not thread-safe.</summary>
internal sealed class CopiedPlaces
{
    /// <summary>Most runs of offsets that are remembered. Copies that nobody publishes between are one run, however many they are.</summary>
    public const int MostRuns = 10_000;

    private readonly Dictionary<PartitionId, CopiedPart> _parts = [];
    private int _runs;

    /// <summary>Copies that are remembered.</summary>
    public long Count => _parts.Values.Sum(static part => part.Count);

    /// <summary>True when there were too many runs to remember.</summary>
    public bool AreTooMany { get; private set; }

    public IReadOnlyList<CopiedPart> Parts => [.. _parts.Values.OrderBy(static part => part.Id.Queue).ThenBy(static part => part.Id.Partition)];

    /// <param name="copy">Where a copy is.</param>
    /// <param name="incarnation">Of the queue it is in (see <see cref="QueuePartition.Incarnation"/>).</param>
    public void Add(MessageLink copy, object incarnation)
    {
        if (AreTooMany) return;
        if (!_parts.TryGetValue(copy.Partition, out CopiedPart? part) || part.Incarnation != incarnation)
        {
            _runs -= part?.Runs.Count ?? 0; // earlier copies went with the queue, which was deleted
            _parts[copy.Partition] = part = new CopiedPart(copy.Partition, incarnation);
        }

        if (part.Add(copy.Offset)) _runs++;
        if (_runs <= MostRuns) return;
        AreTooMany = true;
        _parts.Clear();
    }
}

/// <summary>Copies in one partition. Not thread-safe.</summary>
internal sealed class CopiedPart(PartitionId id, object incarnation)
{
    private readonly List<OffsetRange> _runs = [];

    public PartitionId Id { get; } = id;

    public object Incarnation { get; } = incarnation;

    /// <summary>Ascending, and apart from each other.</summary>
    public IReadOnlyList<OffsetRange> Runs => _runs;

    public long Count => _runs.Sum(static run => run.Count);

    /// <summary>True when the offset begins another run.</summary>
    public bool Add(long offset)
    {
        bool isNext = _runs.Count > 0 && _runs[^1].End == offset;
        if (isNext) _runs[^1] = _runs[^1] with { End = offset + 1 };
        else _runs.Add(OffsetRange.Of(offset));
        return !isNext;
    }

    /// <summary>The first runs, or parts of them, with so many offsets at most.</summary>
    public IReadOnlyList<OffsetRange> First(long most)
    {
        var first = new List<OffsetRange>();
        foreach (OffsetRange run in _runs)
        {
            if (most <= 0) break;
            first.Add(run with { End = Math.Min(run.End, run.Start + most) });
            most -= first[^1].Count;
        }

        return first;
    }

    /// <summary>Forgets what <see cref="First"/> has given.</summary>
    public void Forget(IReadOnlyList<OffsetRange> first)
    {
        OffsetRange last = first[^1];
        _runs.RemoveRange(0, first.Count - 1);
        if (_runs[0].End == last.End) _runs.RemoveAt(0);
        else _runs[0] = _runs[0] with { Start = last.End };
    }

    public void Clear() => _runs.Clear();
}
