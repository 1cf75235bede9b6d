using Fibril.Client.Connection;
using Fibril.Client.Recovery;
using Fibril.Client.Routing;
using Fibril.Protocol;

namespace Fibril.Client.Consuming;

/// <summary>Receives from every partition of one channel, wherever its owner is, and keeps doing so. Thread-safe.</summary>
/// <remarks>
/// One loop compares what should be attached, by the topology, with what is, and attaches the rest: after a lost connection, a moved owner, a
/// live grow. What happens to a partition is only noted by whoever learns of it; the loop is woken and decides by the state it finds, so no
/// order of events can confuse it. It also looks when nothing woke it, every <see cref="FibrilClientOptions.TopologyRefreshInterval"/>.
/// </remarks>
internal sealed class FanIn : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ClientContext _context;
    private readonly TopologyFetcher _fetcher;
    private readonly BrokerPool _pool;
    private readonly BrokerPool? _ownPool;
    private readonly SubscriptionSpec _spec;
    private readonly DeliveryQueue _deliveries;
    private readonly Action<FibrilException?> _onEnd;
    private readonly Dictionary<uint, PartitionFeed> _feeds = [];
    private readonly CancellationTokenSource _stopping = new();
    private TaskCompletionSource _woken = NewSignal();
    private Task _loop = Task.CompletedTask;
    private Task _cancelling = Task.CompletedTask;
    private long? _refusedSince;
    private StreamPlaces _places;
    private bool _isDeleted;
    private bool _isEnded;

    /// <param name="services">The client's.</param>
    /// <param name="spec">What to ask the brokers for.</param>
    /// <param name="deliveries">Where everything goes.</param>
    /// <param name="onEnd">Called once with the cause, or with null when disposed; must not block.</param>
    /// <param name="places">Where a stream is read from; null for what the spec says.</param>
    public FanIn(
        SubscriptionServices services, SubscriptionSpec spec, DeliveryQueue deliveries, Action<FibrilException?> onEnd, StreamPlaces? places = null)
    {
        _places = places ?? StreamPlaces.At(spec.Start);
        _context = services.Context;
        _fetcher = services.Fetcher;
        _ownPool = spec.OwnConnections ? services.NewPool() : null;
        _pool = _ownPool ?? services.Pool;
        _spec = spec;
        _deliveries = deliveries;
        _onEnd = onEnd;
    }

    public SubscriptionSpec Spec => _spec;

    /// <summary>Partitions that are received from, or will be again.</summary>
    public int PartitionCount
    {
        get
        {
            lock (_gate) return _feeds.Count;
        }
    }

    /// <summary>True when nothing will arrive any more.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_gate) return _isEnded;
        }
    }

    /// <summary>
    /// Where another one goes on that reads the same stream after this one was disposed. What has the name of a stream that was deleted is another stream.
    /// </summary>
    public StreamPlaces Places
    {
        get
        {
            lock (_gate)
            {
                if (_isDeleted) return StreamPlaces.Beginning;
                var known = new Dictionary<uint, StreamStart>(_places.Known);
                foreach (PartitionFeed feed in _feeds.Values)
                {
                    if (feed.Leg is { } leg) known[feed.Partition] = leg.ResumeFrom;
                }

                return _places with { Known = known };
            }
        }
    }

    /// <summary>True while a connection of its own is not read, because what has arrived was not read.</summary>
    public bool HoldsUpItsConnections => _ownPool is not null && _ownPool.Sessions.Any(static session => session.Live is { WaitsForReader: true });

    /// <summary>Attaches to every partition that is known, and goes on by itself from then on.</summary>
    /// <exception cref="FibrilException">A partition could not be attached; none is, and nothing goes on.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        uint count = _context.Topology.Current.Find(_spec.Channel).PartitionCount;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, cancellationToken);
        var attempts = new List<Task>();
        for (uint partition = 0; partition < count; partition++) attempts.Add(AttachAsync(partition, before: null, either.Token));
        try
        {
            await Task.WhenAll(attempts).ConfigureAwait(false);
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }

        _places = _places with { Elsewhere = StreamStart.Earliest }; // whatever comes to it from now on
        _loop = RunAsync();
    }

    /// <summary>Lets go of every partition, and closes connections of its own.</summary>
    public async ValueTask DisposeAsync()
    {
        End(cause: null);
        await _cancelling.ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_ownPool is not null) await _ownPool.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    /// <summary>Called by whoever learns that a partition is not received from any more.</summary>
    public void NoteTrouble(PartitionFeed feed, FibrilException cause)
    {
        lock (_gate)
        {
            if (_isEnded || _feeds.GetValueOrDefault(feed.Partition) != feed) return;
            feed.Trouble = cause;
        }

        if (Decide(feed.Partition, cause) == Continuation.End)
        {
            End(cause);
            return;
        }

        _context.Logger.SubscriptionInterrupted($"{_spec.Describe()}, partition {feed.Partition}", cause.Message);
        Wake();
    }

    /// <summary>Called when the next connection has brought a partition back.</summary>
    public void NoteKept(PartitionFeed feed, SubscriptionLeg before, SubscriptionLeg now)
    {
        bool isWanted;
        lock (_gate)
        {
            isWanted = !_isEnded && _feeds.GetValueOrDefault(feed.Partition) == feed;
            if (isWanted)
            {
                feed.Leg = now;
                feed.Trouble = null;
            }
        }

        if (now == before) return;
        if (!isWanted)
        {
            now.Session.Abandon(now); // who let go of the one before does not know of it
            return;
        }

        before.NoteReplaced();
        now.Keeper?.Start();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void End(FibrilException? cause)
    {
        PartitionFeed[] feeds;
        lock (_gate)
        {
            if (_isEnded) return;
            _isEnded = true;
            _isDeleted = cause is FibrilSubscriptionClosedException { Reason: CloseReason.TopicDeleted };
            feeds = [.. _feeds.Values];
        }

        _onEnd(cause);
        if (cause is not null) _context.Logger.SubscriptionEnded(_spec.Describe(), cause.Message);
        foreach (PartitionFeed feed in feeds)
        {
            if (feed.Leg is { } leg) leg.Session.Abandon(leg);
        }

        _cancelling = _stopping.CancelAsync(); // elsewhere: this may be a receive loop
    }

    private void Wake()
    {
        lock (_gate) _woken.TrySetResult();
    }

    private Continuation Decide(uint partition, FibrilException cause) =>
        Supervision.Decide(cause, _spec.IsSupervised, _spec.FollowsRecreateAdvice, _context.Options.AutoReconnect, IsRetired(partition));

    private bool IsRetired(uint partition) =>
        _context.Topology.Current.TryFind(_spec.Channel.Key) is { } channel && partition >= channel.PartitionCount;

    private async Task RunAsync()
    {
        Backoff backoff = default;
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                RoutingTable seen = _context.Topology.Current;
                FibrilException? failure = await AttachMissingAsync().ConfigureAwait(false);
                if (failure is null) backoff.Reset();
                if (failure is not null && !await CanGoOnAsync(failure).ConfigureAwait(false))
                {
                    End(failure);
                    return;
                }

                TimeSpan patience = failure is null ? _context.Options.TopologyRefreshInterval : backoff.Next(_context.Random);
                if (await WaitAsync(seen, patience).ConfigureAwait(false))
                    _ = _fetcher.RefreshAsync(_pool, _spec.Channel, CancellationToken.None); // what it brings wakes the loop
                _ownPool?.Retire(_context.Topology.Current);
            }
        }
        catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException)
        {
            End(cause: null); // disposed
        }
    }

    /// <summary>Waits until there may be something to do; true when only time has passed.</summary>
    private async Task<bool> WaitAsync(RoutingTable seen, TimeSpan patience)
    {
        Task woken;
        lock (_gate) woken = _woken.Task;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        Task time = Task.Delay(patience, _context.Time, enough.Token);
        Task first = await Task.WhenAny(woken, _context.Topology.WhenChangedFromAsync(seen), time).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
        _stopping.Token.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_woken.Task.IsCompleted) _woken = NewSignal(); // before the state is looked at
        }

        return first == time;
    }

    /// <summary>Attaches what is not attached; the failure of one that could not be, the worst first.</summary>
    private async Task<FibrilException?> AttachMissingAsync()
    {
        List<(uint Partition, PartitionFeed? Before)> missing = Missing();
        var attempts = missing.Select(one => TryAttachAsync(one.Partition, one.Before)).ToArray();
        FibrilException[] failures = [.. (await Task.WhenAll(attempts).ConfigureAwait(false)).OfType<FibrilException>()];
        if (failures.Length == 0) _refusedSince = null;
        return failures.OrderBy(static failure => failure.IsTransient).ThenBy(IsOutage).FirstOrDefault();
    }

    private List<(uint Partition, PartitionFeed? Before)> Missing()
    {
        ChannelRouting? channel = _context.Topology.Current.TryFind(_spec.Channel.Key);
        var missing = new List<(uint, PartitionFeed?)>();
        lock (_gate)
        {
            foreach (PartitionFeed feed in _feeds.Values.Where(static feed => feed.Trouble is not null).ToArray())
            {
                if (channel is null || feed.Partition < channel.PartitionCount) missing.Add((feed.Partition, feed));
                else _feeds.Remove(feed.Partition); // retired: its end is no end of the subscription
            }

            for (uint partition = 0; channel is not null && partition < channel.PartitionCount; partition++)
            {
                if (!_feeds.ContainsKey(partition)) missing.Add((partition, null));
            }
        }

        return missing;
    }

    private async Task<FibrilException?> TryAttachAsync(uint partition, PartitionFeed? before)
    {
        try
        {
            await AttachAsync(partition, before, _stopping.Token).ConfigureAwait(false);
            if (before is not null) _context.Logger.SubscriptionRecovered($"{_spec.Describe()}, partition {partition}");
            return null;
        }
        catch (FibrilException failure)
        {
            return failure;
        }
    }

    /// <summary>Attaches one partition at its owner, following redirects (RDR-2).</summary>
    private async Task AttachAsync(uint partition, PartitionFeed? before, CancellationToken cancellationToken)
    {
        for (int redirects = 0; ; redirects++)
        {
            BrokerSession session = _pool.OwnerOf(_context.Topology.Current.Find(_spec.Channel), partition);
            session = (await _pool.ConnectAsync(session, cancellationToken).ConfigureAwait(false)).Session;
            if (before is not null && IsBack(before)) return;
            try
            {
                await SubscribeAsync(session, partition, before, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (FibrilRedirectException elsewhere)
            {
                if (redirects >= _context.Options.MaxRedirects) throw new FibrilRedirectLimitException(redirects, elsewhere);
            }
        }
    }

    private bool IsBack(PartitionFeed feed)
    {
        lock (_gate) return feed.Trouble is null;
    }

    private async Task SubscribeAsync(BrokerSession session, uint partition, PartitionFeed? before, CancellationToken cancellationToken)
    {
        var feed = new PartitionFeed(this, partition);
        SubscriptionLeg? old = before?.Leg;
        lock (_gate)
        {
            if (_isEnded) return;
            if (!_feeds.ContainsKey(partition)) _deliveries.AddCapacity(_spec.Prefetch);
            _feeds[partition] = feed;
        }

        if (old is not null)
        {
            old.Session.Abandon(old);
            old.NoteReplaced(); // before anything of the new one can be read
        }

        SubscriptionLeg leg;
        try
        {
            StreamStart start = old?.ResumeFrom ?? _places.Of(partition);
            leg = await session.SubscribeAsync(_spec, partition, start, _deliveries, feed, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            lock (_gate)
            {
                feed.Leg = old;
                feed.Trouble ??= failure as FibrilException ?? new FibrilException(failure.Message, isTransient: true, failure);
            }

            throw;
        }

        bool isOver;
        lock (_gate)
        {
            feed.Leg = leg;
            isOver = _isEnded;
        }

        if (isOver) leg.Session.Abandon(leg);
    }

    private static bool IsOutage(FibrilException failure) =>
        failure is FibrilConnectionException or FibrilTimeoutException or FibrilStaleDeliveryException;

    /// <summary>Whether a failed attempt may be repeated; refusals, unlike lost connections, not for ever.</summary>
    private async Task<bool> CanGoOnAsync(FibrilException failure)
    {
        if (IsOutage(failure))
        {
            _refusedSince = null; // the time of refusals is one without a break
            return _context.Options.AutoReconnect;
        }

        _refusedSince ??= _context.Time.GetTimestamp();
        if (!failure.IsTransient && failure is not FibrilRedirectLimitException)
        {
            // A partition that was retired a moment ago is refused for good, and the topology says why.
            await _fetcher.RefreshAsync(_pool, _spec.Channel, _stopping.Token).ConfigureAwait(false);
            return Missing().Count == 0;
        }

        return _context.Time.GetElapsedTime(_refusedSince.Value) < _context.Options.RetryTimeout;
    }
}
