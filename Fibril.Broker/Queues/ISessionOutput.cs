using Fibril.Broker.Log.Records;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Queues.Publishing;
using Fibril.Protocol;

namespace Fibril.Broker.Queues;

/// <summary>The sending side of one connection, as a partition sees it. Thread-safe; never blocks.</summary>
internal interface ISessionOutput
{
    /// <summary>Sends what was written since the last flush; called once at the end of a turn.</summary>
    void Flush();
}

/// <summary>Where the confirms of one connection go. Called on partition loops.</summary>
/// <remarks>A full queue refuses the last messages of a batch: it answers in two parts then, each confirm in one of them.</remarks>
internal interface IPublishSink : ISessionOutput
{
    /// <summary>Every message of the batch is durable. Writes the confirms that were asked for, without sending them yet.</summary>
    void Confirmed(PublishBatch batch);

    /// <summary>No message of the batch is known to be durable. Writes errors for the confirms that were asked for.</summary>
    void Failed(PublishBatch batch, ErrorCode code, string message);
}

/// <summary>Where the deliveries of one subscription go. Called on the partition loop.</summary>
internal interface IDeliverySink : ISessionOutput
{
    /// <summary>Copies a message into the output, without sending it yet.</summary>
    /// <returns>False when the output has no room: nothing was taken, and the partition is told when there is room again.</returns>
    bool TryDeliver(in Record record, ulong tag, int retries);

    /// <summary>The partition cannot serve the subscription any more.</summary>
    void Closed(CloseReason reason, string text);
}
