namespace Fibril.Broker.Log.Segments;

/// <summary>One file of a log, as the partition loop knows it.</summary>
internal sealed class Segment(string path, uint salt, long baseOffset, long startOfLog)
{
    private SegmentIndex? _index;
    private bool _isGivenUp;
    private bool _isCompacted;
    private long? _recordCount;

    public string Path { get; } = path;

    /// <summary>Seed of the checksums in this segment.</summary>
    public uint Salt { get; } = salt;

    public long BaseOffset { get; } = baseOffset;

    /// <summary>Bytes of the log before this segment: makes positions comparable across segments.</summary>
    public long StartOfLog { get; } = startOfLog;

    /// <summary>Offset behind the last record appended.</summary>
    public long EndOffset { get; set; } = baseOffset;

    /// <summary>Byte behind the last record appended.</summary>
    public long EndPosition { get; set; } = SegmentHeader.Size;

    /// <summary>Records in the segment; null for a compacted one of which nobody has counted them.</summary>
    public long? RecordCount
    {
        get => _isCompacted ? _recordCount : EndOffset - BaseOffset;
        set => (_isCompacted, _recordCount) = (true, value);
    }

    /// <summary>The sparse index; null for a sealed segment whose index was not needed yet. Loaded by any reader.</summary>
    public SegmentIndex? Index
    {
        get => Volatile.Read(ref _index);
        set => Volatile.Write(ref _index, value);
    }

    /// <summary>True from the moment the segment is no longer part of the log: its file may be gone. Thread-safe.</summary>
    public bool IsGivenUp
    {
        get => Volatile.Read(ref _isGivenUp);
        set => Volatile.Write(ref _isGivenUp, value);
    }
}
