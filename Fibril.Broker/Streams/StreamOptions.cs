namespace Fibril.Broker.Streams;

/// <summary>How streams behave. The keys live under <c>runtime_seed.stream</c>.</summary>
internal sealed class StreamOptions
{
    /// <summary>
    /// Time that cursor commits gather before they are written together; 0 to 1 s, default 100 µs. A crash may lose the last window, which
    /// means that its records are delivered again (P-19).
    /// </summary>
    public TimeSpan CursorCommitWindow { get; set; } = TimeSpan.FromMicroseconds(100);

    /// <summary>Most cursors in one record of a commit; 1 to 4096, default 1024.</summary>
    public int CursorCommitMaxBatch { get; set; } = 1024;

    /// <summary>True unloads streams that nobody uses; default false (P-60).</summary>
    public bool IdleEvictEnabled { get; set; }

    /// <summary>How long nobody may have used a stream before it is unloaded; 0 to 7 days, default 10 min.</summary>
    public TimeSpan IdleEvictAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Time between two looks for idle streams; 1 ms to 1 day, default 1 min.</summary>
    public TimeSpan IdleSweepInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest time that records of an ephemeral stream stay unsynced; 1 ms to 10 s, default 5 ms (P-33).</summary>
    public TimeSpan EphemeralSyncInterval { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Time between two looks at what a stream need not keep any more; 1 ms to 1 day, default 5 s.</summary>
    public TimeSpan RetentionInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Most names of one partition: each costs memory for as long as the stream exists. Not a setting.</summary>
    public int MostCursors { get; set; } = 65_536;

    /// <summary>Most memory for recent records of one partition, in bytes; 64 KiB to 1 GiB, default 4 MiB. Who falls further behind reads the log.</summary>
    public int LiveBytes { get; set; } = 4 << 20;
}
