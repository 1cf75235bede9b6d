using Fibril.Protocol;

namespace Fibril.Broker.Channels.Publishing;

/// <summary>Where the confirms of one connection go. Called on partition loops.</summary>
/// <remarks>A full queue refuses the last messages of a batch: it answers in two parts then, each confirm in one of them.</remarks>
internal interface IPublishSink : ISessionOutput
{
    /// <summary>Every message of the batch is as durable as its channel promises. Writes the confirms that were asked for, without sending them yet.</summary>
    void Confirmed(PublishBatch batch);

    /// <summary>No message of the batch is known to be durable. Writes errors for the confirms that were asked for.</summary>
    void Failed(PublishBatch batch, ErrorCode code, string message);
}
