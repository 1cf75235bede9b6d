using Fibril.Broker.Channels;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Partitions;
using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Queues;

// What others may know of the partition without asking it. Counted along with the work of a turn, and shown at its end.
internal sealed partial class QueuePartition
{
    private const int FirstMessageReadBytes = 4096;

    private readonly AgeMarks _ages = new();
    private int _deliveredInTurn;

    /// <summary>How the partition stands, as of the end of its last turn. Thread-safe.</summary>
    public QueueGauges Gauges { get; } = new();

    private QueueMetrics Metrics => _environment.Metrics;

    private long? OldestReadyMs => _state.FirstReady is { } ready ? _ages.TimeOf(ready.Start) : null;

    private void ShowGauges()
    {
        EmitTraces();
        if (_deliveredInTurn > 0) Metrics.Channels.Delivered.Add(_deliveredInTurn);
        _deliveredInTurn = 0;
        Metrics.Take(_state.Tallies);

        long frontier = _state.SettledFrontier;
        _ages.ForgetBefore(frontier);
        Gauges.Ready = _state.ReadyCount;
        Gauges.Leased = _state.LeasedCount;
        Gauges.Delayed = _state.DelayedCount;
        Gauges.DeadLettering = _state.PendingCount;
        Gauges.Subscriptions = _subscriptions.Count;
        Gauges.OldestReadyMs = OldestReadyMs ?? 0;
        Gauges.OldestUnsettledMs = _state.ActiveCount > 0 ? _ages.TimeOf(frontier) ?? 0 : 0;
        Gauges.MessageBytes = _messages.SizeBytes;
        Gauges.EventBytes = _events.SizeBytes;
    }

    /// <summary>A message is handed over. One of each turn is looked at more closely.</summary>
    private void NoteDelivered(in Record record)
    {
        if (_deliveredInTurn++ == 0) Metrics.Channels.DeliveryLatency.Record(TimeSpan.FromMilliseconds(_now.UnixMs - record.Timestamp));
        if (_state.DueTimes.Take(record.Offset) is { } due)
            Metrics.Lateness.Record(TimeSpan.FromMilliseconds(_now.UnixMs - due));
    }

    /// <summary>
    /// A start knows the messages behind the snapshot by their records. How old those before it are tells the oldest of them, which is read
    /// for that; one that cannot be read is found out when it is needed.
    /// </summary>
    private void NoteOldest(long frontier)
    {
        if (frontier >= _messages.NextOffset || _ages.TimeOf(frontier) is not null) return;
        try
        {
            using LogReader reader = _messages.NewReader();
            (RecordBlock block, _) = reader.Read(_messages.PlanRead(frontier, FirstMessageReadBytes));
            using (block) _ages.Note(frontier, block[0].Timestamp);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // Its age is not known, and nothing else depends on it.
        }
    }
}
