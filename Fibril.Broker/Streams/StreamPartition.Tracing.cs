using System.Diagnostics;
using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Channels.Tracing;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Streams.Delivery;

namespace Fibril.Broker.Streams;

// One activity for each batch that is stored, and one for what a turn delivers. While nobody listens the only cost is to look.
internal sealed partial class StreamPartition
{
    private readonly TraceLinks _traced = new();

    private void TracePublish(PublishBatch batch, RecordBlock block)
    {
        if (!TraceLinks.IsAnybodyListening) return;
        var links = new TraceLinks();
        for (int i = 0; i < block.Count; i++) links.Add(block[i]);
        if (links.IsEmpty) return;
        DateTimeOffset now = _environment.Time.GetUtcNow();
        links.Emit("publish", ActivityKind.Server, Id, block.Count, now - _environment.Time.GetElapsedTime(batch.ReceivedAt), now);
    }

    private void TraceDelivery(DeliveryImage image, int first, int count)
    {
        if (!TraceLinks.IsAnybodyListening) return;
        for (int i = first; i < first + count; i++)
        {
            ReadOnlySpan<byte> tail = image.TailOf(i);
            if (!tail.IsEmpty) _traced.AddTail(tail);
        }
    }

    private void EmitTraces()
    {
        if (_traced.IsEmpty) return;
        _traced.Emit(
            "deliver", ActivityKind.Producer, Id, (int)_deliveredInTurn, DateTimeOffset.FromUnixTimeMilliseconds(_now.UnixMs), _environment.Time.GetUtcNow());
    }
}
