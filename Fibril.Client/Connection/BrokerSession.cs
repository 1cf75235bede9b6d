using Fibril.Client.Consuming;
using Fibril.Client.Routing;
using Fibril.Protocol;

namespace Fibril.Client.Connection;

/// <summary>
/// What one broker knows this client by: an identity that survives connections, the connection there is now, and the subscriptions that are
/// carried over to the next one (RDR-5). Thread-safe.
/// </summary>
/// <remarks>
/// One attempt to connect runs at a time and all who need a connection wait for it. A resumed session keeps its incarnation number, every other
/// outcome raises it, and with it everything that was delivered before is void.
/// </remarks>
internal sealed partial class BrokerSession(BrokerEndpoint endpoint, ClientContext context, Action<FibrilConnection>? onReconnected)
    : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<SubscriptionLeg> _held = [];
    private readonly CancellationTokenSource _stopping = new();
    private FibrilConnection? _connection;
    private Task<FibrilConnection>? _connecting;
    private Task _retiring = Task.CompletedTask;
    private Task? _disposal;
    private ResumeIdentity? _identity;
    private int _incarnation;
    private bool _isRetired;

    public BrokerEndpoint Endpoint => endpoint;

    public ClientContext Context => context;

    /// <summary>The newest connection, alive or not; null before the first.</summary>
    public FibrilConnection? Connection => Volatile.Read(ref _connection);

    /// <summary>The newest connection when it is alive.</summary>
    public FibrilConnection? Live => Connection is { IsConnected: true } alive ? alive : null;

    /// <summary>Raised by every connection that did not resume the session before it.</summary>
    public int Incarnation => Volatile.Read(ref _incarnation);

    /// <summary>The connection, after one attempt to make it when there is none .</summary>
    /// <exception cref="FibrilException">The attempt failed, or reconnecting is switched off.</exception>
    public ValueTask<FibrilConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (Live is { } alive) return new ValueTask<FibrilConnection>(alive);
        return !context.Options.AutoReconnect && !Volatile.Read(ref _isRetired) && Connection is { } lost
            ? ValueTask.FromException<FibrilConnection>(lost.NotConnected())
            : new ValueTask<FibrilConnection>(Connecting(replaceLive: false).WaitAsync(cancellationToken));
    }

    /// <summary>Makes a new connection in place of the one there is, and says what became of the session .</summary>
    /// <exception cref="FibrilException">The attempt failed; a connection that was alive still is.</exception>
    public async Task<ResumeOutcome> ReconnectAsync(CancellationToken cancellationToken) =>
        (await Connecting(replaceLive: true).WaitAsync(cancellationToken).ConfigureAwait(false)).Outcome;

    /// <summary>The broker owns nothing any more: its subscriptions look for their owner elsewhere, and the connection closes (TOP-9).</summary>
    public void Retire()
    {
        SubscriptionLeg[] moved;
        lock (_gate)
        {
            if (_connection is null || _isRetired || _disposal is not null) return;
            Volatile.Write(ref _isRetired, true);
            moved = TakeHeld();
            _retiring = Task.WhenAll(_retiring, RetireAsync(_connection));
        }

        context.Logger.BrokerRetired(endpoint);
        TellMoved(moved);
    }

    /// <summary>Closes the connection, after what was accepted was sent. Can be called again.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate) return new ValueTask(_disposal ??= CloseAsync());
    }

    /// <summary>Called by a connection that was lost, from the end of its receive loop.</summary>
    public void OnLost(FibrilConnection connection, FibrilConnectionException cause)
    {
        SubscriptionLeg[] held;
        lock (_gate)
        {
            if (connection != _connection) return;
            held = [.. _held];
        }

        context.Events.Raise(new BrokerDisconnected(context.Time.GetUtcNow(), endpoint.ToString(), cause));
        foreach (SubscriptionLeg leg in held) leg.Owner?.OnLost(leg, cause);
    }

    /// <summary>Closes the connection, and looks for what was still subscribed to on it: the answers were on their way.</summary>
    private async Task RetireAsync(FibrilConnection retired)
    {
        await retired.DisposeAsync().ConfigureAwait(false);
        SubscriptionLeg[]? late;
        while ((late = TryTakeLate(retired, out Task connecting)) is null)
            await connecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        TellMoved(late);
    }

    /// <summary>Null while a reconnect is under way: when it succeeds, it decides about the legs itself.</summary>
    private SubscriptionLeg[]? TryTakeLate(FibrilConnection retired, out Task connecting)
    {
        lock (_gate)
        {
            connecting = _connecting ?? Task.CompletedTask;
            if (_connection != retired) return [];
            return connecting.IsCompleted ? TakeHeld() : null;
        }
    }

    /// <summary>Under the lock.</summary>
    private SubscriptionLeg[] TakeHeld()
    {
        SubscriptionLeg[] held = [.. _held];
        _held.Clear();
        return held;
    }

    private void TellMoved(SubscriptionLeg[] legs)
    {
        foreach (SubscriptionLeg leg in legs)
        {
            leg.Owner?.OnEnded(leg, new FibrilSubscriptionClosedException(
                CloseReason.OwnerMoved, $"{endpoint} owns nothing in the new topology", $"the subscription to {leg}"));
        }
    }

    private Task<FibrilConnection> Connecting(bool replaceLive)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposal is not null, typeof(FibrilClient));
            if (_connecting is { IsCompleted: false } running) return running;
            if (!replaceLive && Live is { } alive) return Task.FromResult(alive);
            _connecting = OpenAsync();
            return _connecting;
        }
    }

    private async Task<FibrilConnection> OpenAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // out of the lock
        FibrilConnection? before = _connection;
        bool isFirst = _identity is null;
        FibrilConnection next;
        try
        {
            next = await FibrilConnection.OpenAsync(
                this, _identity, (connection, token) => TakeOverAsync(connection, before, token), _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            throw new ObjectDisposedException(typeof(FibrilClient).FullName);
        }

        if (isFirst) return next;
        context.Events.Raise(new BrokerReconnected(context.Time.GetUtcNow(), endpoint.ToString(), next.Outcome));
        onReconnected?.Invoke(next);
        return next;
    }

    private async Task CloseAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // out of the lock
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task connecting;
        lock (_gate) connecting = _connecting ?? Task.CompletedTask;
        await connecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_connection is not null) await _connection.DisposeAsync().ConfigureAwait(false);
        await _retiring.ConfigureAwait(false);
        _stopping.Dispose();
    }
}
