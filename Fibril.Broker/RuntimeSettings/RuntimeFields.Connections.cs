namespace Fibril.Broker.RuntimeSettings;

internal static partial class RuntimeFields
{
    private static TimeSpan DrainDefault => TimeSpan.FromSeconds(30);

    private static RuntimeField[] ConnectionFields() =>
    [
        Duration(Connection, "reconnect_grace_ms", TimeSpan.Zero, OneHour,
            static options => options.Resume.ReconnectGrace, static (options, value) => options.Resume.ReconnectGrace = value,
            "How long a session waits for its client after the connection is gone, with its leases; 0 ends it at once.",
            FieldApplies.NextUse, nullMeans: TimeSpan.Zero),
        Duration(Connection, "resume_session_restart_ttl_ms", TimeSpan.Zero, TimeSpan.FromDays(1),
            static options => options.Resume.RestartTimeToLive, static (options, value) => options.Resume.RestartTimeToLive = value,
            "How old a saved session may be to be resumed after a restart of the broker; 0 saves none.", nullMeans: TimeSpan.Zero),
        Duration(Connection, "drain_handoff_timeout_ms", TimeSpan.Zero, OneHour,
            static options => options.Resume.DrainHandoffTimeout, static (options, value) => options.Resume.DrainHandoffTimeout = value,
            "Longest wait of a drain for the partitions to be handed over.", FieldApplies.NextUse, nullMeans: DrainDefault),
    ];

    private static RuntimeField[] StreamFields() =>
    [
        Microseconds(Stream, "cursor_commit_window_us", TimeSpan.Zero, TimeSpan.FromSeconds(1),
            static options => options.Streams.CursorCommitWindow, static (options, value) => options.Streams.CursorCommitWindow = value,
            "Time that moves of durable cursors gather before they are written together; a crash may lose the last of them."),
        Count(Stream, "cursor_commit_max_batch", 1, 4096,
            static options => options.Streams.CursorCommitMaxBatch, static (options, value) => options.Streams.CursorCommitMaxBatch = value,
            "Most cursors in one record of a commit."),
        Boolean(Stream, "idle_evict_enabled",
            static options => options.Streams.IdleEvictEnabled, static (options, value) => options.Streams.IdleEvictEnabled = value,
            "True unloads streams that nobody uses from memory; nothing of them is deleted."),
        Duration(Stream, "idle_evict_after_ms", TimeSpan.Zero, TimeSpan.FromDays(7),
            static options => options.Streams.IdleEvictAfter, static (options, value) => options.Streams.IdleEvictAfter = value,
            "How long nobody may have used a stream before it is unloaded."),
        Duration(Stream, "idle_sweep_interval_ms", OneMillisecond, TimeSpan.FromDays(1),
            static options => options.Streams.IdleSweepInterval, static (options, value) => options.Streams.IdleSweepInterval = value,
            "Time between two looks for streams to unload."),
    ];
}
