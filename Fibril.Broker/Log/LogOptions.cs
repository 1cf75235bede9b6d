namespace Fibril.Broker.Log;

/// <summary>How partitions are stored. The keys live under <c>storage.keratin</c>.</summary>
internal sealed class LogOptions
{
    /// <summary>Size at which a message segment is closed, in bytes; 64 KiB to 1 GiB, default 256 MiB. A segment can exceed it by one batch.</summary>
    public long MessageSegmentBytes { get; set; } = 256L << 20;

    /// <summary>Size at which an event segment is closed, in bytes; 64 KiB to 1 GiB, default 32 MiB.</summary>
    public long EventSegmentBytes { get; set; } = 32L << 20;

    /// <summary>
    /// Most space reserved ahead of the write position of a message segment, in bytes; 0 switches reserving off, default 16 MiB.
    /// Small logs reserve less: the reserve doubles from 64 KiB with what was written.
    /// </summary>
    public long PreallocateBytes { get; set; } = 16L << 20;

    /// <summary>Most commits in flight to the disk over all partitions; 1 to 64, default 8.</summary>
    public int MaxInflightSyncs { get; set; } = 8;

    /// <summary>Shortest pause between the starts of two commits of one partition; 0 to 1 s, default 0: the next starts when the last has ended.</summary>
    public TimeSpan MinSyncInterval { get; set; } = TimeSpan.Zero;

    /// <summary>Longest time a settlement stays unsynced; 1 ms to 10 s, default 50 ms. A lost settlement means redelivery, never loss.</summary>
    public TimeSpan SettlementSyncInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// A sealed message segment of which less than this percentage is needed is rewritten without the rest; 0 to 90, default 50; 0 switches
    /// that off.
    /// </summary>
    public int CompactionMinLivePercent { get; set; } = 50;

    /// <summary>Room held back on the disk so that consumers are served on when it is full, in bytes; 0 to 64 GiB, default 64 MiB.</summary>
    public long ReserveBytes { get; set; } = 64L << 20;

    /// <summary>Memory that holds recent records for consumers that keep up, in bytes over all partitions; 0 to 64 GiB, default 64 MiB.</summary>
    public long TailCacheBytes { get; set; } = 64L << 20;
}
