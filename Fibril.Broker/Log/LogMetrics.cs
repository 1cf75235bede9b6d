using Fibril.Broker.Primitives.Metering;

namespace Fibril.Broker.Log;

/// <summary>What the disk does, and how long it takes. Thread-safe.</summary>
internal sealed class LogMetrics
{
    private readonly Counter _reads;
    private readonly Counter _writes;
    private readonly LogKindMetrics _messages;
    private readonly LogKindMetrics _events;
    private readonly LogKindMetrics _catalogue;

    public LogMetrics(Instruments instruments)
    {
        _reads = instruments.Counter("fibril.storage.reads", "{operation}", "Storage read operations.");
        _writes = instruments.Counter("fibril.storage.writes", "{operation}", "Storage write operations.");
        SyncFailures = instruments.Counter("fibril.storage.sync_failures", "{operation}", "Syncs of logs that failed.");
        _messages = new LogKindMetrics(this, instruments, "message_log", "the logs of messages");
        _events = new LogKindMetrics(this, instruments, "event_log", "the logs of what happened to messages");
        _catalogue = new LogKindMetrics(this, instruments, "catalogue_log", "the log of declarations");
    }

    public Counter Reads => _reads;

    public Counter Writes => _writes;

    public Counter SyncFailures { get; }

    public LogKindMetrics Of(LogKind kind) => kind switch
    {
        LogKind.Messages => _messages,
        LogKind.Events => _events,
        _ => _catalogue,
    };
}

/// <summary>What the logs of one kind do. Thread-safe.</summary>
internal sealed class LogKindMetrics
{
    private readonly LogMetrics _all;

    internal LogKindMetrics(LogMetrics all, Instruments instruments, string name, string what)
    {
        _all = all;
        Appends = instruments.Counter($"fibril.{name}.appends", "{batch}", $"Batches written to {what}.");
        Records = instruments.Counter($"fibril.{name}.records", "{record}", $"Records written to {what}.");
        Bytes = instruments.Counter($"fibril.{name}.bytes", "By", $"Bytes written to {what}.");
        AppendDuration = instruments.Histogram($"fibril.{name}.append.duration", $"Time to write one batch to {what}, without its sync.");
        SyncDuration = instruments.Histogram($"fibril.{name}.sync.duration", $"Time of one sync (fdatasync) of {what}.");
        ReadDuration = instruments.Histogram($"fibril.{name}.read.duration", $"Time of one read from {what}.");
    }

    /// <summary>Batches written.</summary>
    public Counter Appends { get; }

    public Counter Records { get; }

    public Counter Bytes { get; }

    public DurationHistogram AppendDuration { get; }

    public DurationHistogram SyncDuration { get; }

    public DurationHistogram ReadDuration { get; }

    /// <summary>A batch was written.</summary>
    public void Appended(long records, long bytes, TimeSpan elapsed)
    {
        _all.Writes.Increment();
        Appends.Increment();
        Records.Add(records);
        Bytes.Add(bytes);
        AppendDuration.Record(elapsed);
    }

    /// <summary>Everything written so far was made durable.</summary>
    public void Synced(TimeSpan elapsed) => SyncDuration.Record(elapsed);

    /// <summary>The disk did not do what it was told: what was written since the last sync is in doubt.</summary>
    public void SyncFailed() => _all.SyncFailures.Increment();

    /// <summary>A piece was read.</summary>
    public void Read(TimeSpan elapsed)
    {
        _all.Reads.Increment();
        ReadDuration.Record(elapsed);
    }
}
