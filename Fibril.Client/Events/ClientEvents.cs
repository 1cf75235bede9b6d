using System.Threading.Channels;

namespace Fibril.Client.Events;

/// <summary>Hands events to whoever watches. Thread-safe; raising never blocks.</summary>
internal sealed class ClientEvents
{
    private const int MostUnread = 256;

    private readonly Lock _gate = new();
    private readonly List<Channel<FibrilClientEvent>> _watchers = [];
    private bool _isClosed;

    /// <summary>Gives the event to every watcher. One that has too much unread loses its oldest.</summary>
    public void Raise(FibrilClientEvent happened)
    {
        lock (_gate)
        {
            foreach (Channel<FibrilClientEvent> watcher in _watchers) watcher.Writer.TryWrite(happened);
        }
    }

    /// <summary>Registers a watcher at once: what is raised from now on is not missed.</summary>
    public Channel<FibrilClientEvent> Add()
    {
        var watcher = Channel.CreateBounded<FibrilClientEvent>(new BoundedChannelOptions(MostUnread)
        {
            FullMode = BoundedChannelFullMode.DropOldest,
            SingleReader = true,
        });
        lock (_gate)
        {
            if (_isClosed) watcher.Writer.TryComplete();
            else _watchers.Add(watcher);
        }

        return watcher;
    }

    public void Remove(Channel<FibrilClientEvent> watcher)
    {
        lock (_gate) _watchers.Remove(watcher);
    }

    /// <summary>Ends all watching behind what was raised.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (Channel<FibrilClientEvent> watcher in _watchers) watcher.Writer.TryComplete();
            _watchers.Clear();
        }
    }
}
