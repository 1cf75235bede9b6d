using Fibril.Broker.Log;

namespace Fibril.Broker.Streams.Inspection;

/// <summary>Records of a partition, and how to read them.</summary>
/// <param name="Log">The log they are in.</param>
/// <param name="Runs">Reads that bring them.</param>
/// <param name="From">Offset of the first one.</param>
/// <param name="NextOffset">Offset behind the last one.</param>
/// <param name="StartOffset">Offset of the oldest record that is kept.</param>
/// <param name="EndOffset">Offset behind the newest that can be read.</param>
internal sealed record RecordSlice(SegmentedLog Log, IReadOnlyList<PlannedRun> Runs, long From, long NextOffset, long StartOffset, long EndOffset);
