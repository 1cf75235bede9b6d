namespace Fibril.Broker.Streams.Cursors;

/// <summary>The durable place of one named reader in one partition: the next offset to read. Belongs to the partition loop.</summary>
internal sealed class StreamCursor(string name)
{
    public string Name { get; } = name;

    /// <summary>The next offset to read; null until the first commit: a new name starts at the oldest record (P-11).</summary>
    public long? Position
    {
        get => _position;
        set
        {
            _position = value;
            Volatile.Write(ref _shown, value ?? 0);
        }
    }

    private long? _position;
    private long _shown;

    /// <summary>As <see cref="Position"/>, and 0 before the first commit. Thread-safe.</summary>
    public long ShownPosition => Volatile.Read(ref _shown);

    /// <summary>When it moved last, in Unix milliseconds.</summary>
    public long LastAdvancedMs { get; set; }

    /// <summary>Subscriptions that share it (P-12).</summary>
    public int ReaderCount { get; set; }

    /// <summary>True when retention took records that it had not come to (P-42).</summary>
    public bool IsLagged { get; set; }

    /// <summary>True when it stands elsewhere than was written down.</summary>
    public bool IsDirty { get; set; }
}
