using System.Collections.Concurrent;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

/// <summary>All connections of the broker: counts them, ticks them for heartbeats and timeouts, and stops them. Thread-safe.</summary>
internal sealed class ConnectionRegistry : IDisposable
{
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentDictionary<ClientConnection, bool> _connections = new();
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly ITimer _ticks;
    private readonly int _maxConnections;
    private bool _isStopping; // under the gate

    public ConnectionRegistry(SessionOptions options, TimeProvider time)
    {
        _maxConnections = options.MaxConnections;
        TimeSpan tick = TimeSpan.FromTicks(Math.Min(options.HeartbeatInterval.Ticks, options.HandshakeTimeout.Ticks) / 5);
        tick = tick < ShortestTick ? ShortestTick : tick > LongestTick ? LongestTick : tick;
        _ticks = time.CreateTimer(static self => ((ConnectionRegistry)self!).Tick(), this, tick, tick);
    }

    public int Count => _connections.Count;

    public IReadOnlyCollection<ClientConnection> All => (IReadOnlyCollection<ClientConnection>)_connections.Keys;

    /// <summary>Completes when connections that wait for the end of a stop may close.</summary>
    public Task Released => _released.Task;

    /// <summary>False when the broker is full or stopping: the connection is closed at once.</summary>
    public bool TryAdd(ClientConnection connection)
    {
        // One at a time: a stop waits for every connection it finds here, and must not find one that will be turned away.
        lock (_gate)
        {
            if (_isStopping || _connections.Count >= _maxConnections) return false;
            _connections[connection] = true;
            return true;
        }
    }

    public void Remove(ClientConnection connection) => _connections.TryRemove(connection, out _);

    /// <summary>Tells every client that is logged in that the broker is about to go away; nothing else changes (DRN-1).</summary>
    /// <param name="grace">How long the broker expects to go on serving.</param>
    /// <param name="message">For humans.</param>
    /// <returns>How many connections there were.</returns>
    public int AnnounceGoingAway(TimeSpan grace, string message)
    {
        var notice = new GoingAwayMessage((ulong)grace.TotalMilliseconds, message);
        IReadOnlyCollection<ClientConnection> all = All;
        foreach (ClientConnection connection in all) connection.GoAway(notice);
        return all.Count;
    }

    /// <summary>Lets every connection finish the frame it is at and read no more; completes when they have handed over what they had.</summary>
    public Task BeginStopAsync()
    {
        lock (_gate) _isStopping = true;
        return Task.WhenAll(_connections.Keys.Select(static connection => connection.BeginStop()));
    }

    /// <summary>Cuts every connection, as a network does that fails.</summary>
    public void Cut()
    {
        foreach (ClientConnection connection in _connections.Keys) connection.Cut();
    }

    /// <summary>Lets the connections send what is left and close.</summary>
    public void Release() => _released.TrySetResult();

    public void Dispose() => _ticks.Dispose();

    private void Tick()
    {
        foreach (ClientConnection connection in _connections.Keys) connection.Tick();
    }
}
