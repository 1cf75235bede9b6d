using Fibril.Broker.Log;
using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Queues;
using Fibril.Broker.Sessions.Resume;
using Fibril.Broker.Statistics.History;
using Fibril.Broker.Statistics.History.Files;
using Fibril.Broker.Statistics.Readings;
using Fibril.Broker.Statistics.Storage;
using Fibril.Broker.Streams;
using Fibril.Protocol;

namespace Fibril.Broker.Statistics;

/// <summary>The broker in numbers: now, over the last minute, and over the last month. Thread-safe.</summary>
internal sealed class BrokerStatistics : IDisposable
{
    private readonly BrokerMetrics _metrics;
    private readonly BrokerParts _parts;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LastMinute _lastMinute;
    private readonly ProcessUse _process;
    private readonly StatisticsHistory _history = new();
    private readonly HistoryStore _kept;
    private readonly SummaryLog _summary;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;
    private readonly long _started;
    private int _isSampling;

    /// <summary>Begins to take samples. Reads the history of earlier runs, and blocks on the disk for that.</summary>
    public BrokerStatistics(BrokerMetrics metrics, BrokerParts parts, TimeProvider time, ILogger logger)
    {
        _metrics = metrics;
        _parts = parts;
        _time = time;
        _logger = logger;
        _started = time.GetTimestamp();
        _lastMinute = new LastMinute(metrics.Instruments, time);
        _process = new ProcessUse(time);
        Storage = new StorageLedger(parts.Queues, parts.Streams);
        _summary = new SummaryLog(logger);
        BrokerInstruments.Add(metrics.Instruments, parts, time);
        _kept = new HistoryStore(parts.Files, parts.DataDirectory, logger);
        (IReadOnlyList<HistorySample> minutes, IReadOnlyList<HistorySample> quarters) = _kept.Load(NowMs / 1000);
        _kept.Write(_history.Restore(minutes, quarters));
        _timer = time.CreateTimer(static self => ((BrokerStatistics)self!).TakeSample(), this, StatisticsHistory.Interval, StatisticsHistory.Interval);
        CancellationToken stopping = _stopping.Token; // of a source that may be disposed of before the task begins
        SizesKnown = Task.Run(() => LookAtSizes(stopping), CancellationToken.None);
    }

    /// <summary>What each channel takes on the disk.</summary>
    public StorageLedger Storage { get; }

    /// <summary>Completes when the partitions that were not loaded at the start were looked at.</summary>
    public Task SizesKnown { get; }

    /// <summary>Completes when the history is on the disk as far as it is complete; a sample that cannot be written is left out.</summary>
    public Task HistoryWritten => _kept.Written;

    /// <summary>Unix milliseconds by the broker's clock.</summary>
    public long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Everything that is exported.</summary>
    public IReadOnlyList<MetricFamily> Families => _metrics.Instruments.Families;

    /// <summary>The disk of the data directory; null when the platform does not tell.</summary>
    public DiskSpace? Disk => _parts.Disk;

    /// <summary>The broker now.</summary>
    public StatisticsReading Read()
    {
        Recent recent = _lastMinute.Read();
        return new StatisticsReading(
            NowMs, _time.GetElapsedTime(_started), ReadMessages(recent), ReadStorage(recent), ReadConnections(recent),
            ReadSessions(), ReadSnapshots(recent), ReadRecovery(recent), ReadGauges());
    }

    /// <summary>The broker, or one queue, over time.</summary>
    public HistoryReading ReadHistory(HistoryQuery query) => _history.Read(query);

    public void Dispose()
    {
        _timer.Dispose();
        _stopping.Cancel();
        _stopping.Dispose();
        _kept.Dispose();
    }

    private void LookAtSizes(CancellationToken stopping)
    {
        try
        {
            Storage.LookAtUnknown(stopping);
        }
        catch (OperationCanceledException)
        {
            // The broker stops.
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _logger.SizesUnknown(failure);
        }
    }

    private void TakeSample()
    {
        // A machine that was stopped for a while fires what it missed at once.
        if (Interlocked.Exchange(ref _isSampling, 1) != 0) return;
        try
        {
            _process.Take();
            _lastMinute.Take();
            Storage.Update();
            StatisticsReading reading = Read();
            _kept.Write(_history.Add(HistorySample.Of(reading), QueueNow.Of(_parts.Queues)));
            _summary.Tell(reading);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _logger.SampleFailed(failure);
        }
        finally
        {
            Volatile.Write(ref _isSampling, 0);
        }
    }

    /// <summary>What happens to messages now.</summary>
    public MessageReading ReadMessages() => ReadMessages(_lastMinute.Read());

    private MessageReading ReadMessages(Recent recent) => new(
        recent.RateOf(_metrics.Channels.Published),
        recent.RateOf(_metrics.Channels.Delivered),
        recent.RateOf(_metrics.Queues.Acked),
        recent.RateOf(_metrics.Queues.Nacked),
        recent.RateOf(_metrics.Queues.Redelivered),
        recent.RateOf(_metrics.Queues.Expired),
        recent.RateOf(_metrics.Queues.DeadLetterCopies),
        recent.RateOf(_metrics.Queues.Replayed),
        Mean(_metrics.Channels.Published.Value, _metrics.Channels.PublishBatches.Value),
        Mean(_metrics.Queues.Acked.Value + _metrics.Queues.Nacked.Value, _metrics.Queues.SettleBatches.Value),
        recent.DurationOf(_metrics.Channels.ConfirmLatency),
        recent.DurationOf(_metrics.Queues.SettleLatency),
        recent.DurationOf(_metrics.Channels.DeliveryLatency),
        recent.DurationOf(_metrics.Queues.Lateness));

    private StorageReading ReadStorage(Recent recent)
    {
        LogKindMetrics messages = _metrics.Log.Of(LogKind.Messages);
        LogKindMetrics events = _metrics.Log.Of(LogKind.Events);
        return new StorageReading(
            recent.RateOf(_metrics.Log.Reads),
            recent.RateOf(_metrics.Log.Writes),
            recent.DurationOf(messages.ReadDuration, events.ReadDuration),
            recent.DurationOf(messages.AppendDuration, events.AppendDuration),
            recent.DurationOf(messages.SyncDuration, events.SyncDuration),
            _metrics.Log.SyncFailures.Value,
            ReadLog(recent, messages),
            ReadLog(recent, events));
    }

    private static LogReading ReadLog(Recent recent, LogKindMetrics log) => new(
        recent.RateOf(log.Appends),
        log.Records.Value,
        log.Bytes.Value,
        Mean(log.Records.Value, log.Appends.Value),
        recent.RateOf(log.ReadDuration),
        recent.DurationOf(log.AppendDuration),
        recent.DurationOf(log.ReadDuration),
        recent.DurationOf(log.SyncDuration));

    private ConnectionReading ReadConnections(Recent recent) => new(
        recent.RateOf(_metrics.Sessions.Accepted),
        recent.RateOf(_metrics.Sessions.Ended),
        recent.RateOf(_metrics.Sessions.BytesIn),
        recent.RateOf(_metrics.Sessions.BytesOut),
        recent.RateOf(_metrics.Sessions.Errors));

    private SessionReading ReadSessions()
    {
        SessionCounters counters = _parts.Sessions.Counters;
        return new SessionReading(
            counters.CountOf(ResumeOutcome.New),
            counters.ResumesAccepted,
            counters.CountOf(ResumeOutcome.Rejected),
            counters.CountOf(ResumeOutcome.NotFound),
            counters.GraceEntered,
            counters.GraceExpired,
            counters.Reconciliations,
            ReconcileOutcomes.Names.ToDictionary(static name => name, name => ReconcileOutcomes.CountOf(name, counters)));
    }

    private SnapshotReading ReadSnapshots(Recent recent) => new(
        _metrics.Channels.Snapshots.Value,
        _metrics.Channels.SnapshotFailures.Value,
        _metrics.Channels.SnapshotBytes.Value,
        _metrics.Channels.LastSnapshotBytes,
        recent.DurationOf(_metrics.Channels.SnapshotEncode),
        recent.DurationOf(_metrics.Channels.SnapshotWrite));

    private RecoveryReading ReadRecovery(Recent recent) => new(
        recent.DurationOf(_metrics.Channels.Load),
        _metrics.Queues.EventsReplayed.Value,
        _parts.QuarantinedCount,
        _parts.QuarantineCount);

    private BrokerGauges ReadGauges()
    {
        (long ready, long leased, long delayed, long deadLettering, int loaded, int failing) = (0, 0, 0, 0, 0, 0);
        foreach (QueuePartition partition in _parts.Queues.Loaded)
        {
            ready += partition.Gauges.Ready;
            leased += partition.Gauges.Leased;
            delayed += partition.Gauges.Delayed;
            deadLettering += partition.Gauges.DeadLettering;
            loaded++;
            if (partition.IsInOutage) failing++;
        }

        foreach (StreamPartition partition in _parts.Streams.Loaded)
        {
            loaded++;
            if (partition.IsInOutage) failing++;
        }

        DiskSpace? space = Disk;
        return new BrokerGauges(
            ready, leased, delayed, deadLettering, _parts.Connections.Count, _parts.SubscriptionCount, loaded,
            ProcessUse.ResidentBytes, _process.CpuPercent, Storage.TotalBytes, space?.FreeBytes, space?.TotalBytes, _parts.Queues.IsDiskFull, failing);
    }

    private static double? Mean(long items, long batches) => batches == 0 ? null : (double)items / batches;
}
