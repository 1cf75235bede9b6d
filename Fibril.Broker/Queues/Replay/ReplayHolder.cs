using Fibril.Broker.Channels;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Queues.Delivery;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.Replay;

/// <summary>Stands for a replay in the lease table, so that no consumer gets a dead letter while it is moved.</summary>
/// <remarks>Nothing is delivered to it: its output is always full.</remarks>
internal sealed class ReplayHolder : IDeliverySink
{
    private ReplayHolder()
    {
    }

    /// <param name="name">Whom operators see as the holder.</param>
    public static QueueSubscription New(string name) =>
        new(new ReplayHolder(), prefetch: 1, autoAck: false, name) { OutputIsFull = true };

    bool IDeliverySink.TryDeliver(in Record record, ulong tag, int retries) => false;

    void IDeliverySink.Closed(CloseReason reason, string text)
    {
        // Who moves the messages learns it from the partition.
    }

    void ISessionOutput.Flush()
    {
        // Nothing is written to it.
    }
}
