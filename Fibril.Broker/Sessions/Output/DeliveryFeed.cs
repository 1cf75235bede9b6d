using Fibril.Broker.Log.Records;
using Fibril.Broker.Sessions.Subscriptions;

namespace Fibril.Broker.Sessions.Output;

/// <summary>The way of one subscription's deliveries into one connection, for as long as the subscription belongs to that connection.</summary>
/// <remarks>
/// A session that moves to another connection gives its subscriptions new feeds. What an old feed had written and not sent does not count
/// as sent any more, even if the old connection gets it out later: the message is delivered again (R-15, M-70).
/// </remarks>
internal sealed class DeliveryFeed(FrameOutput output, SessionSubscription subscription)
{
    private ulong _writtenTag;
    private ulong _sendingTag;
    private bool _isListed;

    public FrameOutput Output { get; } = output;

    public SessionSubscription Subscription { get; } = subscription;

    /// <summary>Under the output's lock: true when nothing is delivered through it any more.</summary>
    public bool IsStopped { get; private set; }

    public bool TryDeliver(in Record record, ulong tag, int retries) => Output.TryDeliver(this, record, tag, retries);

    /// <summary>Ends the feed; what was sent by now is settled for auto-ack subscriptions, and nothing else. Thread-safe.</summary>
    public void Stop() => Output.Stop(this);

    /// <summary>Under the output's lock.</summary>
    internal void NoteStopped() => IsStopped = true;

    /// <summary>Under the output's lock: notes a delivery; true when the subscription must be told once it was sent.</summary>
    internal bool NoteWritten(ulong tag)
    {
        _writtenTag = tag;
        if (!Subscription.Queue.AutoAck || _isListed) return false;
        return _isListed = true;
    }

    /// <summary>Under the output's lock: what was written until now is in the flush that starts.</summary>
    internal void NoteSending()
    {
        _sendingTag = _writtenTag;
        _isListed = false;
    }

    /// <summary>Under the output's lock: the flush is over, and its deliveries were sent.</summary>
    internal void NoteSent()
    {
        if (!IsStopped) Subscription.Queue.SentThrough = _sendingTag;
    }
}
