namespace Fibril.Broker.Log;

/// <summary>Bytes that were once synced are not what was written: not a crash, but a broken disk, or somebody else's hand.</summary>
internal sealed class LogDamagedException(string path, long position, long offset, string detail)
    : IOException($"{path} is damaged at byte {position}, where offset {offset} is expected: {detail}")
{
    /// <summary>The segment file.</summary>
    public string Path { get; } = path;

    /// <summary>First bad byte in the file.</summary>
    public long Position { get; } = position;

    /// <summary>First offset that cannot be read.</summary>
    public long Offset { get; } = offset;
}
