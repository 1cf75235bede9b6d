namespace Fibril.Client.Consuming;

/// <summary>One attempt of a fan-in to receive from one partition, and the leg that came of it. State under the fan-in's lock.</summary>
internal sealed class PartitionFeed(FanIn fanIn, uint partition) : ISubscriptionOwner
{
    public uint Partition => partition;

    /// <summary>Null until the broker has answered.</summary>
    public SubscriptionLeg? Leg { get; set; }

    /// <summary>Why it does not receive; null while it does, or is about to.</summary>
    public FibrilException? Trouble { get; set; }

    public void OnLost(SubscriptionLeg leg, FibrilException cause) => fanIn.NoteTrouble(this, cause);

    public void OnEnded(SubscriptionLeg leg, FibrilSubscriptionClosedException cause) => fanIn.NoteTrouble(this, cause);

    public void OnKept(SubscriptionLeg leg, SubscriptionLeg now) => fanIn.NoteKept(this, leg, now);
}
