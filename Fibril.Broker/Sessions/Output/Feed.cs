namespace Fibril.Broker.Sessions.Output;

/// <summary>The way of one subscription's deliveries into one connection, for as long as the subscription belongs to that connection.</summary>
/// <remarks>Members without "thread-safe" run under the lock of the output.</remarks>
internal abstract class Feed(FrameOutput output)
{
    private bool _isListed;

    public FrameOutput Output { get; } = output;

    /// <summary>True when nothing is delivered through it any more.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>True when its subscription has ended. Thread-safe.</summary>
    public abstract bool IsClosed { get; }

    /// <summary>True when the subscription wants to know what was sent.</summary>
    protected abstract bool CountsSent { get; }

    /// <summary>Ends the feed; what was sent by now is settled for auto-ack subscriptions, and nothing else. Thread-safe.</summary>
    public void Stop() => Output.Stop(this);

    /// <summary>The output has room again. Thread-safe; called without locks.</summary>
    public abstract void SignalRoom();

    /// <summary>What was written was sent. Thread-safe; called without locks.</summary>
    public abstract void SignalSent();

    internal void NoteStopped() => IsStopped = true;

    /// <summary>What was written until now is in the flush that starts.</summary>
    internal void NoteSending()
    {
        TakeWritten();
        _isListed = false;
    }

    /// <summary>The flush is over, and its deliveries were sent.</summary>
    internal void NoteSent()
    {
        if (!IsStopped) PublishSent();
    }

    /// <summary>Notes that something was written; true when the feed is to be told once it was sent.</summary>
    protected bool Lists()
    {
        if (!CountsSent || _isListed) return false;
        return _isListed = true;
    }

    protected abstract void TakeWritten();

    protected abstract void PublishSent();
}
