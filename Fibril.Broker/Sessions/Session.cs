using System.Collections.Concurrent;
using Fibril.Broker.Primitives;
using Fibril.Broker.Sessions.Output;
using Fibril.Broker.Sessions.Resume;
using Fibril.Broker.Sessions.Subscriptions;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

// A session is attached to one connection, or dormant, or over. Several connections may use it at once: after a resume the earlier one is
// served until it ends, and its end has no effect (RES-5). Whatever changes the session therefore holds its gate; finding a subscription
// for a settlement does not.

/// <summary>What survives a connection: identity, subscriptions, the leases behind them, and cohort membership. Thread-safe.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "Nobody asks for the gate's wait handle, so it holds nothing.")]
internal sealed partial class Session
{
    private static readonly TimeSpan ShortestClaim = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TimerResolution = TimeSpan.FromMilliseconds(1);

    private readonly SessionRegistry _registry;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Lock _handshakeGate = new();
    private readonly ConcurrentDictionary<PartitionId, SessionSubscription> _subscriptions = new();
    private readonly ITimer _deadline;
    private ClientConnection? _connection;
    private ulong _nextSubscriptionId = 1;
    private int _version;
    private (long Since, TimeSpan After)? _due;
    private int _handshakes; // under the lock of handshakes
    private bool _isOverdue; // under both
    private bool _isOver; // under both

    public Session(SessionRegistry registry, ResumeIdentity identity, string userName)
    {
        _registry = registry;
        Identity = identity;
        UserName = userName;
        _deadline = registry.Time.CreateTimer(static self => ((Session)self!).DeadlineReached(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ResumeIdentity Identity { get; }

    /// <summary>Who opened it; nobody else can take it over (AUT-7).</summary>
    public string UserName { get; }

    /// <summary>True while a connection is attached.</summary>
    public bool IsAttached => Volatile.Read(ref _connection) is not null;

    public int SubscriptionCount => _subscriptions.Count + _streams.Count;

    /// <summary>How long what a connection has found is kept for it.</summary>
    private TimeSpan ClaimTime => _registry.Options.ReconnectGrace > ShortestClaim ? _registry.Options.ReconnectGrace : ShortestClaim;

    /// <summary>Changes whenever the subscriptions do: what was looked up before has to be looked up again.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>The subscription to a partition, closed or not.</summary>
    public SessionSubscription? Find(PartitionId id) => _subscriptions.GetValueOrDefault(id);

    /// <summary>True for the connection that deliveries and pushes go to.</summary>
    public bool IsAttachedTo(ClientConnection connection) => Volatile.Read(ref _connection) == connection;

    /// <summary>A connection has shown the token and is about to log in: the session waits for it. False when the session is over. Thread-safe.</summary>
    public bool TryBeginHandshake()
    {
        lock (_handshakeGate)
        {
            if (_isOver) return false;
            _handshakes++;
            return true;
        }
    }

    /// <summary>The connection has logged in, or never will. Thread-safe.</summary>
    public void EndHandshake()
    {
        lock (_handshakeGate)
        {
            if (--_handshakes > 0 || !_isOverdue) return;
        }

        _registry.Run(EndIfOverdueAsync());
    }

    /// <summary>Makes a connection the one that the session is attached to; false when the session is over.</summary>
    /// <remarks>
    /// From now on the subscriptions are unclaimed: they keep their leases and get nothing new until the client reconciles or subscribes
    /// (RES-6). Those that are still unclaimed after the time of grace end.
    /// </remarks>
    public async Task<bool> TryAttachAsync(ClientConnection connection)
    {
        using Entry entry = await EnterAsync();
        if (_isOver) return false;
        Volatile.Write(ref _connection, connection);
        lock (_handshakeGate) _isOverdue = false;
        _notices.Clear(); // a client that comes back reconciles
        TellAssignmentsAgain();
        StopDeadline();
        await DetachSubscriptionsAsync();
        if (SubscriptionCount > 0) StartDeadline(ClaimTime);
        return true;
    }

    /// <summary>A connection has ended. The session waits for another one, unless it has moved on to it already .</summary>
    public async Task DetachAsync(ClientConnection connection)
    {
        using Entry entry = await EnterAsync();
        if (_isOver || _connection != connection) return;
        Volatile.Write(ref _connection, null);
        StopDeadline();
        if (_registry.Options.ReconnectGrace == TimeSpan.Zero)
        {
            await EndCoreAsync();
            return;
        }

        await DetachSubscriptionsAsync();
        _registry.Counters.CountGraceEntered();
        StartDeadline(_registry.Options.ReconnectGrace);
    }

    /// <summary>The broker stops: subscriptions end, and the client is told. The session may be resumed when the broker is back.</summary>
    public async Task StopAsync()
    {
        using Entry entry = await EnterAsync();
        if (_isOver) return;
        LeaveCohorts();
        foreach (SessionSubscription subscription in _subscriptions.Values) subscription.Closed(CloseReason.BrokerShutdown, "The broker is stopping.");
        foreach (StreamSessionSubscription subscription in AllStreams()) subscription.Closed(CloseReason.BrokerShutdown, "The broker is stopping.");
        await EndCoreAsync(staysSaved: true);
    }

    /// <summary>No deadline comes any more.</summary>
    public void Abandon() => _deadline.Dispose();

    private void DeadlineReached() => _registry.Run(HandleDeadlineAsync());

    private async Task HandleDeadlineAsync()
    {
        using Entry entry = await EnterAsync();
        if (_isOver || !TakeDeadline()) return;
        if (_connection is not null)
        {
            await EndUnclaimedAsync();
            ForgetEndedStreams();
            PushNews();
        }
        else
        {
            await ExpireAsync();
        }
    }

    /// <summary>Ends what the client neither listed nor took over in time (RES-6), and tells it what has ended unclaimed before (CLS-4).</summary>
    private async Task EndUnclaimedAsync()
    {
        foreach (SessionSubscription subscription in _subscriptions.Values.Where(static subscription => !subscription.IsClaimed))
        {
            subscription.Closed(CloseReason.ClientMissing, "The client has not claimed the subscription in the time it had after it resumed its session.");
            await EndSubscriptionAsync(subscription);
            if (subscription.TakeNotice() is { } notice) _notices.Enqueue(notice);
        }
    }

    private async Task EndIfOverdueAsync()
    {
        using Entry entry = await EnterAsync();
        if (!_isOver && _isOverdue && _connection is null) await ExpireAsync();
    }

    private async Task ExpireAsync()
    {
        lock (_handshakeGate)
        {
            // A client that was told that it is resumed is waited for; its login is limited in time.
            _isOverdue = _handshakes > 0;
            if (_isOverdue) return;
            _isOver = true;
        }

        _registry.Counters.CountGraceExpired();
        _registry.Logger.GraceExpired(Identity.ClientId, SubscriptionCount);
        await EndCoreAsync();
    }

    /// <summary>Ends everything the session has: what is unsettled goes to other consumers at once (RES-4).</summary>
    private async Task EndCoreAsync(bool staysSaved = false)
    {
        lock (_handshakeGate) _isOver = true;
        await _deadline.DisposeAsync();
        LeaveCohorts();
        foreach (SessionSubscription subscription in _subscriptions.Values) await EndSubscriptionAsync(subscription);
        await EndStreamsAsync();
        ForgetEndedStreams();
        _registry.Remove(this, staysSaved);
    }

    private async Task DetachSubscriptionsAsync()
    {
        foreach (SessionSubscription subscription in _subscriptions.Values) await subscription.DetachAsync();
        await EndStreamsAsync();
    }

    private void StartDeadline(TimeSpan after)
    {
        _due = (_registry.Time.GetTimestamp(), after);
        _deadline.Change(after, Timeout.InfiniteTimeSpan);
    }

    private void StopDeadline()
    {
        _due = null;
        _deadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>True when the deadline has come, once.</summary>
    private bool TakeDeadline()
    {
        if (_due is not { } due) return false;
        TimeSpan rest = due.After - _registry.Time.GetElapsedTime(due.Since);
        if (rest > TimeSpan.Zero)
        {
            // That was the timer of an earlier deadline, or it has rounded down.
            _deadline.Change(rest + TimerResolution, Timeout.InfiniteTimeSpan);
            return false;
        }

        _due = null;
        return true;
    }

    private async ValueTask<Entry> EnterAsync()
    {
        await _gate.WaitAsync();
        return new Entry(_gate);
    }

    private readonly struct Entry(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
