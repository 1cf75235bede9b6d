namespace Fibril.Broker.Log;

/// <summary>How one log differs from what its kind and the options say.</summary>
internal sealed record LogTuning
{
    /// <summary>As the kind and the options say.</summary>
    public static LogTuning None { get; } = new();

    /// <summary>Size at which a segment is closed, in bytes; null for that of the options.</summary>
    public long? SegmentBytes { get; init; }

    /// <summary>True: messages are written at once, given back when the system has them, and synced on request only.</summary>
    public bool SyncsOnRequest { get; init; }
}
