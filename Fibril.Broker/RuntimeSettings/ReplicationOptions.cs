namespace Fibril.Broker.RuntimeSettings;

/// <summary>
/// How followers copy partitions. The keys live under <c>runtime_seed.replication</c>. A broker that stands alone keeps them, and replicates
/// nothing.
/// </summary>
internal sealed class ReplicationOptions
{
    /// <summary>Longest wait of a replica-durable confirm; 1 ms to 1 h, default 5 s (C-67).</summary>
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Pause of a follower that is level with its owner; 1 ms to 1 h, default 1 s (C-57).</summary>
    public TimeSpan CaughtUpPoll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Pause after a pull that was partial or failed; 1 ms to 1 h, default 100 ms (C-57).</summary>
    public TimeSpan RetryPoll { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Pause while a checkpoint is needed; 1 ms to 1 h, default 5 s (C-57).</summary>
    public TimeSpan CheckpointRetryPoll { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Most message records in one pull; at least 1, default 2048 (C-58).</summary>
    public int MaxMessagesPerRead { get; set; } = 2048;

    /// <summary>Most event records in one pull; at least 1, default 2048 (C-58).</summary>
    public int MaxEventsPerRead { get; set; } = 2048;

    /// <summary>About how many bytes one pull may bring; 1 B to 1 GiB, default 8 MiB. One larger record still passes (C-58).</summary>
    public int MaxBytesPerRead { get; set; } = 8 << 20;

    /// <summary>Most pulls in a row before others get their turn; at least 1, default 8 (C-57).</summary>
    public int MaxIterationsPerTick { get; set; } = 8;

    /// <summary>Members that must be in sync for a replica-durable publish to be tried; at least 1, which is the default and no floor (C-68).</summary>
    public int MinInSyncReplicas { get; set; } = 1;

    /// <summary>Age of a follower's report that still counts as in sync; 1 ms to 1 h, default 10 s (C-68).</summary>
    public TimeSpan InSyncTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What a follower's read may take beyond the wait it asked for; 0 to 1 h, default 10 s (C-60).</summary>
    public TimeSpan ReadTimeoutSlack { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for the connection and handshake with an owner; 1 ms to 1 h, default 5 s (C-60).</summary>
    public TimeSpan OwnerConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>True lets owners push within a credit, false lets followers poll; default true (C-59).</summary>
    public bool StreamEnabled { get; set; } = true;

    /// <summary>Time that pushed records gather before they are applied together; 0 to 1 s, default 2 ms (C-59).</summary>
    public TimeSpan StreamApplyLinger { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Most bytes applied together; 1 B to 1 GiB, default 16 MiB (C-59).</summary>
    public long StreamApplyMaxMergeBytes { get; set; } = 16L << 20;

    /// <summary>Batches an owner may push ahead; 1 to 65,536, default 8 (C-59).</summary>
    public int StreamBufferBatches { get; set; } = 8;
}
