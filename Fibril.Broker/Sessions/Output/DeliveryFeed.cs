using Fibril.Broker.Log.Records;
using Fibril.Broker.Sessions.Subscriptions;

namespace Fibril.Broker.Sessions.Output;

/// <summary>The feed of a queue subscription.</summary>
/// <remarks>
/// A session that moves to another connection gives its subscriptions new feeds. What an old feed had written and not sent does not count
/// as sent any more, even if the old connection gets it out later: the message is delivered again (R-15, M-70).
/// </remarks>
internal sealed class DeliveryFeed(FrameOutput output, SessionSubscription subscription) : Feed(output)
{
    private ulong _writtenTag;
    private ulong _sendingTag;

    public SessionSubscription Subscription { get; } = subscription;

    public override bool IsClosed => Subscription.IsClosed;

    protected override bool CountsSent => Subscription.Queue.AutoAck;

    public bool TryDeliver(in Record record, ulong tag, int retries) => Output.TryDeliver(this, record, tag, retries);

    public override void SignalRoom() => Subscription.SignalRoom();

    public override void SignalSent() => Subscription.SignalRoom();

    /// <summary>Under the output's lock: notes a delivery; true when the subscription must be told once it was sent.</summary>
    internal bool NoteWritten(ulong tag)
    {
        _writtenTag = tag;
        return Lists();
    }

    protected override void TakeWritten() => _sendingTag = _writtenTag;

    protected override void PublishSent() => Subscription.Queue.SentThrough = _sendingTag;
}
