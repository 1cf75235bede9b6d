using System.Globalization;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Channels.Inspection;

/// <summary>Messages of a channel that somebody looks for, a bounded piece of the search at a time.</summary>
/// <param name="Channel">Where to look.</param>
/// <param name="Condition">What is known of them.</param>
internal sealed record SearchRequest(QueueName Channel, MessageCondition Condition)
{
    public const int DefaultLimit = 50;
    public const int MostLimit = 500;
    public const int DefaultExamined = 50_000;
    public const int MostExaminedAtMost = 500_000;

    /// <summary>One partition only; null for all, one after the other.</summary>
    public int? Partition { get; init; }

    /// <summary>Most messages of the answer.</summary>
    public int Limit { get; init => field = Math.Clamp(value, 1, MostLimit); } = DefaultLimit;

    /// <summary>Most messages to look at for it.</summary>
    public int MostExamined { get; init => field = Math.Clamp(value, 1, MostExaminedAtMost); } = DefaultExamined;

    /// <summary>Most bytes of each payload; null for no payloads.</summary>
    public int? PreviewBytes { get; init; }

    /// <summary>Where the piece before this one has ended; null to begin.</summary>
    public SearchPlace? After { get; init; }

    /// <summary>The partitions that are left, and from which offset on: 0 for the first that can meet the condition.</summary>
    public IEnumerable<SearchPlace> Left(int partitionCount)
    {
        (int first, int end) = PartitionSpan.Of(Partition, partitionCount);
        if (After is { } after) first = Math.Max(first, after.Partition);
        for (int number = first; number < end; number++) yield return new SearchPlace(number, After is { } begun && begun.Partition == number ? begun.Offset : 0);
    }
}

/// <summary>Where a search goes on.</summary>
internal sealed record SearchPlace(int Partition, long Offset)
{
    /// <summary>Null for what is no place.</summary>
    public static SearchPlace? Parse(string text)
    {
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0
            && int.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out int partition)
            && long.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long offset)
            ? new SearchPlace(partition, offset)
            : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}.{Offset}");
}

/// <summary>A piece of a search.</summary>
/// <param name="Found">By partition and offset.</param>
/// <param name="Examined">Messages that were looked at.</param>
/// <param name="Next">Where to go on; null when everything was looked at.</param>
internal sealed record SearchPage<TFound>(IReadOnlyList<TFound> Found, long Examined, SearchPlace? Next);
