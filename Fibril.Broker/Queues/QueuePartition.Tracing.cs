using System.Diagnostics;
using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Channels.Tracing;
using Fibril.Broker.Log.Records;

namespace Fibril.Broker.Queues;

// One activity for each batch that is stored, and one for what a turn delivers and settles. While nobody listens the only cost is to look.
internal sealed partial class QueuePartition
{
    private const int MostTracedDeliveries = 4096;

    private readonly TraceLinks _traced = new();
    private readonly TraceLinks _tracedSettlements = new();
    private readonly Dictionary<ulong, ActivityContext> _tracedDeliveries = [];
    private int _settledInTurn;

    private void TracePublish(PublishBatch batch, RecordBlock block)
    {
        if (!TraceLinks.IsAnybodyListening) return;
        for (int i = 0; i < block.Count; i++) _traced.Add(block[i]);
        if (_traced.IsEmpty) return;
        DateTimeOffset now = _environment.Time.GetUtcNow();
        _traced.Emit("publish", ActivityKind.Server, Id, block.Count, now - _environment.Time.GetElapsedTime(batch.ReceivedAt), now);
    }

    private void TraceDelivery(in Record record, ulong tag)
    {
        if (!TraceLinks.IsAnybodyListening || _traced.Add(record) is not { } context) return;
        if (_tracedDeliveries.Count == MostTracedDeliveries) _tracedDeliveries.Clear(); // their leases have mostly expired
        _tracedDeliveries[tag] = context;
    }

    private void TraceSettlement(ulong tag)
    {
        _settledInTurn++;
        if (_tracedDeliveries.Count > 0 && _tracedDeliveries.Remove(tag, out ActivityContext context)) _tracedSettlements.Add(context);
    }

    private void EmitTraces()
    {
        if (!_traced.IsEmpty) Emit(_traced, "deliver", ActivityKind.Producer, _deliveredInTurn);
        if (!_tracedSettlements.IsEmpty) Emit(_tracedSettlements, "settle", ActivityKind.Server, _settledInTurn);
        _settledInTurn = 0;
    }

    private void Emit(TraceLinks links, string operation, ActivityKind kind, int messages) =>
        links.Emit(operation, kind, Id, messages, DateTimeOffset.FromUnixTimeMilliseconds(_now.UnixMs), _environment.Time.GetUtcNow());
}
