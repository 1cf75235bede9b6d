using Fibril.Broker.Channels;
using Fibril.Broker.Log.Records;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.Delivery;

/// <summary>Where the deliveries of one subscription go. Called on the partition loop.</summary>
internal interface IDeliverySink : ISessionOutput
{
    /// <summary>Copies a message into the output, without sending it yet.</summary>
    /// <returns>False when the output has no room: nothing was taken, and the partition is told when there is room again.</returns>
    bool TryDeliver(in Record record, ulong tag, int retries);

    /// <summary>The partition cannot serve the subscription any more.</summary>
    void Closed(CloseReason reason, string text);
}
