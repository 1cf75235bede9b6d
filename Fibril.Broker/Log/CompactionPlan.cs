using Fibril.Broker.Log.Segments;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Log;

/// <summary>Neighbouring sealed segments that are to become one without the records that nobody needs.</summary>
/// <param name="Segments">The oldest first.</param>
/// <param name="Live">What is kept, sorted; ranges of offsets within the segments.</param>
internal sealed record CompactionPlan(IReadOnlyList<Segment> Segments, IReadOnlyList<OffsetRange> Live)
{
    public long BaseOffset => Segments[0].BaseOffset;

    public long EndOffset => Segments[^1].EndOffset;

    /// <summary>Bytes that the segments take now.</summary>
    public long StoredBytes => Segments.Sum(static segment => segment.EndPosition);
}

/// <summary>A compaction that was carried out.</summary>
/// <param name="Plan">What was asked for.</param>
/// <param name="Segment">What stands in its place.</param>
internal sealed record CompactionResult(CompactionPlan Plan, Segment Segment);
