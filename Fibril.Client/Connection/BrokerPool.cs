using Fibril.Client.Routing;

namespace Fibril.Client.Connection;

/// <summary>
/// The sessions with all brokers, one each, opened when they are needed. One of them is home: it serves whatever has no owner to go to. Thread-safe.
/// </summary>
/// <param name="context">What all connections share.</param>
/// <param name="seeds">The brokers that the application named, the preferred one first.</param>
/// <param name="onNews">
/// Learns of every connection whose broker may know more than this client: each but the first of a session, and that of a new home; must not block.
/// </param>
internal sealed class BrokerPool(
    ClientContext context, IReadOnlyList<BrokerEndpoint> seeds, Action<FibrilConnection>? onNews = null) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<BrokerEndpoint, BrokerSession> _sessions = [];
    private BrokerSession? _home;
    private bool _isDisposed;

    /// <summary>Where requests go that any broker can answer. Another one after this one could not be reached.</summary>
    public BrokerSession Home => Volatile.Read(ref _home) ?? SessionWith(seeds[0]);

    /// <summary>Every session that was ever needed.</summary>
    public IReadOnlyList<BrokerSession> Sessions
    {
        get
        {
            lock (_gate) return [.. _sessions.Values];
        }
    }

    /// <summary>The session with one broker. Connects nothing.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public BrokerSession SessionWith(BrokerEndpoint endpoint)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(FibrilClient));
            if (!_sessions.TryGetValue(endpoint, out BrokerSession? session))
                _sessions[endpoint] = session = new BrokerSession(endpoint, context, onNews);
            return session;
        }
    }

    /// <summary>The session with the owner of a partition; home when nobody said who that is. Connects nothing.</summary>
    public BrokerSession OwnerOf(ChannelRouting channel, uint partition) =>
        channel.OwnerOf(partition) is { } owner ? SessionWith(owner) : Home;

    /// <summary>A connection of <paramref name="session"/>. When that is home and cannot be reached, another broker becomes home.</summary>
    /// <exception cref="FibrilException">Nothing could be reached.</exception>
    public ValueTask<FibrilConnection> ConnectAsync(BrokerSession session, CancellationToken cancellationToken)
    {
        if (session.Live is { } alive) return new ValueTask<FibrilConnection>(alive);
        return session == Home ? ConnectHomeAsync(cancellationToken) : session.ConnectAsync(cancellationToken);
    }

    /// <summary>A connection to home, or to another broker, which is home then.</summary>
    /// <exception cref="FibrilException">None could be reached; this is what home said.</exception>
    public async ValueTask<FibrilConnection> ConnectHomeAsync(CancellationToken cancellationToken)
    {
        BrokerSession home = Home;
        try
        {
            FibrilConnection connection = await home.ConnectAsync(cancellationToken).ConfigureAwait(false);
            Interlocked.CompareExchange(ref _home, home, comparand: null);
            return connection;
        }
        catch (Exception unreachable) when (unreachable is FibrilConnectionException or FibrilTimeoutException
            && (context.Options.AutoReconnect || Volatile.Read(ref _home) is null))
        {
            if (await TryOthersAsync(home, cancellationToken).ConfigureAwait(false) is { } other) return other;
            throw;
        }
    }

    /// <summary>Closes the connections to brokers that own nothing in a new topology. Home stays: it is where news come from.</summary>
    public void Retire(RoutingTable table)
    {
        foreach (BrokerSession session in Sessions)
        {
            if (session != Home && session.Live is not null && !table.Gives(session.Endpoint)) session.Retire();
        }
    }

    public async ValueTask DisposeAsync()
    {
        BrokerSession[] sessions;
        lock (_gate)
        {
            _isDisposed = true;
            sessions = [.. _sessions.Values];
        }

        await Task.WhenAll(sessions.Select(static session => session.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    /// <summary>Those that are connected first, then the other seeds, then who is known from the topology.</summary>
    private async Task<FibrilConnection?> TryOthersAsync(BrokerSession home, CancellationToken cancellationToken)
    {
        IEnumerable<BrokerSession> others = Sessions.Where(static session => session.Live is not null)
            .Concat(seeds.Select(SessionWith))
            .Concat(Sessions)
            .Where(session => session != home)
            .Distinct();
        foreach (BrokerSession other in others.ToArray())
        {
            try
            {
                FibrilConnection connection = await other.ConnectAsync(cancellationToken).ConfigureAwait(false);
                NoteHome(other, home, connection);
                return connection;
            }
            catch (Exception unreachable) when (unreachable is FibrilConnectionException or FibrilTimeoutException)
            {
                // The next one; when there is none, the caller reports home.
            }
        }

        return null;
    }

    private void NoteHome(BrokerSession home, BrokerSession before, FibrilConnection connection)
    {
        bool isFirst = Interlocked.CompareExchange(ref _home, home, comparand: null) is null; // then whoever connects asks for the topology
        if (!isFirst && Interlocked.CompareExchange(ref _home, home, before) != before) return;
        context.Logger.HomeChanged(home.Endpoint, before.Endpoint);
        if (!isFirst) onNews?.Invoke(connection);
    }
}
