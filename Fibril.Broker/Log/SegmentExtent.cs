namespace Fibril.Broker.Log;

/// <summary>What a segment holds.</summary>
/// <param name="BaseOffset">Its first offset.</param>
/// <param name="EndOffset">Offset behind its last record.</param>
/// <param name="Bytes">Bytes of its file that are used.</param>
internal readonly record struct SegmentExtent(long BaseOffset, long EndOffset, long Bytes);
