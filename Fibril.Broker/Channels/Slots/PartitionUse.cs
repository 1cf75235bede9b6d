namespace Fibril.Broker.Channels.Slots;

/// <summary>What somebody wants of a partition. All of them keep it loaded (I-10, I-12).</summary>
internal enum PartitionUse
{
    /// <summary>Publishes to it (I-20, I-23).</summary>
    Publish,

    /// <summary>Consumes from it.</summary>
    Subscribe,

    /// <summary>Passes by: a look, a dead letter, a change. Counts neither as a publisher nor as a subscriber (I-30).</summary>
    Visit,
}
