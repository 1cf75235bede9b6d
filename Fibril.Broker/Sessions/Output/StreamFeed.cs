using Fibril.Broker.Sessions.Subscriptions;

namespace Fibril.Broker.Sessions.Output;

/// <summary>The feed of a stream subscription, which ends with its connection (RES-7).</summary>
internal sealed class StreamFeed(FrameOutput output, StreamSessionSubscription subscription) : Feed(output)
{
    private long _writtenThrough = -1;
    private long _sendingThrough = -1;

    public StreamSessionSubscription Subscription { get; } = subscription;

    public override bool IsClosed => Subscription.IsClosed;

    protected override bool CountsSent => Subscription.Stream.Request is { AutoAck: true, DurableName: not null };

    public override void SignalRoom()
    {
        Subscription.Stream.NoteRoom();
        Subscription.SignalStream();
    }

    public override void SignalSent() => Subscription.SignalStream();

    /// <summary>Under the output's lock: notes a delivery; true when the subscription must be told once it was sent.</summary>
    internal bool NoteWritten(long offset)
    {
        _writtenThrough = offset;
        return Lists();
    }

    protected override void TakeWritten() => _sendingThrough = _writtenThrough;

    protected override void PublishSent() => Subscription.Stream.SentThrough = _sendingThrough;
}
