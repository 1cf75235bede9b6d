using Fibril.Broker.Streams.Delivery;

namespace Fibril.Broker.Streams;

// What others may know of the partition without asking it. Counted along with the work of a turn, and shown at its end.
internal sealed partial class StreamPartition
{
    private long _deliveredInTurn;
    private int _shownCursors = -1;

    /// <summary>How the partition stands, as of the end of its last turn. Thread-safe.</summary>
    public StreamGauges Gauges { get; } = new();

    private StreamMetrics Metrics => _environment.Metrics;

    private void ShowGauges()
    {
        EmitTraces();
        if (_deliveredInTurn > 0)
        {
            Metrics.Channels.Delivered.Add(_deliveredInTurn);
            Interlocked.Add(ref _deliveredCount, _deliveredInTurn);
            _deliveredInTurn = 0;
        }

        Gauges.Subscriptions = _subscriptions.Count;
        Gauges.StartOffset = _log.StartOffset;
        Gauges.EndOffset = _visibleEnd;
        Gauges.MessageBytes = _log.SizeBytes;
        Gauges.EventBytes = _events.SizeBytes;
        if (_shownCursors == _cursors.Version) return;
        _shownCursors = _cursors.Version;
        Gauges.Show([.. _cursors.All]);
    }

    /// <summary>Neighbours were given to a reader. The first of each turn is looked at more closely.</summary>
    private void NoteDelivered(DeliveryImage image, int first, int count)
    {
        if (_deliveredInTurn == 0 && image.ReceivedOf(first) is { } received)
            Metrics.Channels.DeliveryLatency.Record(TimeSpan.FromMilliseconds(_now.UnixMs - received));
        _deliveredInTurn += count;
        TraceDelivery(image, first, count);
    }
}
