using Fibril.Broker.Channels;
using Fibril.Protocol;

namespace Fibril.Broker.Streams.Delivery;

/// <summary>Where the deliveries of one stream subscription go. Called on the partition loop.</summary>
internal interface IStreamSink : ISessionOutput
{
    /// <summary>Copies frames of neighbouring records into the output, without sending them yet.</summary>
    /// <returns>
    /// How many of the records were taken, from the first on. Fewer than were offered: the output has no room, and the subscription is told
    /// when there is room again.
    /// </returns>
    int Deliver(DeliveryImage image, int first, int count);

    /// <summary>The partition cannot serve the subscription any more.</summary>
    void Closed(CloseReason reason, string text);
}
