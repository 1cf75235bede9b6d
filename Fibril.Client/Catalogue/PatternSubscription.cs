using Fibril.Client.Consuming;
using Fibril.Client.Routing;

namespace Fibril.Client;

/// <summary>
/// The messages of all channels whose topics match a pattern, as one sequence. Made by <see cref="FibrilClient.SubscribePatternAsync"/> and
/// <see cref="FibrilClient.SubscribeStreamPatternAsync"/>. Each message names its channel.
/// </summary>
/// <remarks>
/// One reader at a time. Order is kept within a partition. Channels are attached when they come to match and left when they are deleted, for as long
/// as the subscription lives: it ends when it or the client is disposed, without an error.
/// </remarks>
public sealed class PatternSubscription : IAsyncEnumerable<ReceivedMessage>, IAsyncDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SubscriptionServices _services;
    private readonly TopicPattern _pattern;
    private readonly Func<string, SubscriptionSpec> _specFor;
    private readonly DeliveryQueue _deliveries;
    private readonly Action<IAsyncDisposable> _forget;
    private readonly Dictionary<ChannelKey, FanIn> _attached = [];
    private readonly Dictionary<ChannelKey, StreamPlaces> _places = []; // of streams that are not to be read from their beginning
    private readonly CancellationTokenSource _stopping = new();
    private TaskCompletionSource _someEnded = NewSignal();
    private Task _loop = Task.CompletedTask;
    private Task? _disposal;
    private int _isRead;

    internal PatternSubscription(
        SubscriptionServices services, TopicPattern pattern, Func<string, SubscriptionSpec> specFor, bool canDrop, Action<IAsyncDisposable> forget)
    {
        _services = services;
        _pattern = pattern;
        _specFor = specFor;
        _deliveries = new DeliveryQueue(capacity: 0, canDrop);
        _forget = forget;
    }

    /// <summary>The pattern.</summary>
    public string Pattern => _pattern.ToString();

    /// <summary>What is received from: queues or streams, never both.</summary>
    public ChannelKind Kind => _pattern.Kind;

    /// <summary>Topics that are received from now, in order.</summary>
    public IReadOnlyList<string> Topics
    {
        get
        {
            lock (_gate) return [.. _attached.Keys.Select(static channel => channel.Topic).Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Starts reading.</summary>
    /// <param name="cancellationToken">Ends the waiting for the next message with <see cref="OperationCanceledException"/>; loses none.</param>
    /// <exception cref="InvalidOperationException">Another reader has not stopped yet.</exception>
    public IAsyncEnumerator<ReceivedMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref _isRead, 1) == 0
            ? new DeliveryReader(_deliveries, _services.Context, () => Volatile.Write(ref _isRead, 0), cancellationToken)
            : throw new InvalidOperationException("This subscription is being read already; one reader at a time.");

    /// <summary>Ends the sequence and forgets what had arrived and was not read. Can be called again.</summary>
    /// <remarks>As of <see cref="Subscription.DisposeAsync"/>, for each of the channels.</remarks>
    public ValueTask DisposeAsync()
    {
        lock (_gate) return new ValueTask(_disposal ??= CloseAsync());
    }

    /// <summary>Attaches to all that match now, and goes on by itself.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is attached, and nothing goes on.</exception>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        RoutingTable seen = _services.Context.Topology.Current;
        foreach (ChannelKey channel in MatchesIn(seen)) _places[channel] = StreamPlaces.At(_specFor(channel.Topic).Start);
        bool isComplete;
        try
        {
            isComplete = await AttachMatchesAsync(seen, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }

        _deliveries.Open();
        _loop = RunAsync(seen, isComplete);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync(RoutingTable seen, bool isComplete)
    {
        try
        {
            while (true)
            {
                await WaitAsync(seen, isComplete).ConfigureAwait(false);
                seen = _services.Context.Topology.Current;
                isComplete = await AttachMatchesAsync(seen, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    /// <summary>Waits for another topology, for the end of one of the channels, or, when something is missing, for a while.</summary>
    private async Task WaitAsync(RoutingTable seen, bool isComplete)
    {
        Task ended;
        lock (_gate) ended = _someEnded.Task;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        Task time = Task.Delay(isComplete ? Timeout.InfiniteTimeSpan : RetryInterval, _services.Context.Time, enough.Token);
        await Task.WhenAny(ended, _services.Context.Topology.WhenChangedFromAsync(seen), time).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
        _stopping.Token.ThrowIfCancellationRequested();
    }

    /// <summary>Leaves what has ended and attaches what matches and is not attached; false when something is still missing.</summary>
    private async Task<bool> AttachMatchesAsync(RoutingTable table, CancellationToken cancellationToken)
    {
        KeyValuePair<ChannelKey, FanIn>[] ended;
        ChannelKey[] missing;
        lock (_gate)
        {
            // Before the look: one that ends from here on is noticed by the next wait.
            if (_someEnded.Task.IsCompleted) _someEnded = NewSignal();
            ended = [.. _attached.Where(static channel => channel.Value.HasEnded)];
            foreach ((ChannelKey channel, _) in ended) _attached.Remove(channel);
            missing = [.. MatchesIn(table).Where(channel => !_attached.ContainsKey(channel))];
        }

        foreach ((ChannelKey channel, FanIn fanIn) in ended)
        {
            await fanIn.DisposeAsync().ConfigureAwait(false);
            NotePlaces(channel, fanIn);
        }

        ForgetPlacesOutside(table);
        bool[] successes = await Task.WhenAll(missing.Select(channel => TryAttachAsync(channel, cancellationToken))).ConfigureAwait(false);
        return Array.TrueForAll(successes, static success => success);
    }

    private async Task<bool> TryAttachAsync(ChannelKey channel, CancellationToken cancellationToken)
    {
        SubscriptionSpec spec = _specFor(channel.Topic);
        var fanIn = new FanIn(_services, spec, _deliveries, _ => OnEnded(), PlacesOf(channel));
        try
        {
            await fanIn.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (FibrilException failure)
        {
            _services.Context.Logger.MatchNotAttached(spec.Describe(), failure.Message);
            NotePlaces(channel, fanIn);
            return false;
        }

        lock (_gate) _attached[channel] = fanIn;
        return true;
    }

    private IEnumerable<ChannelKey> MatchesIn(RoutingTable table) =>
        table.Channels.Where(channel => _pattern.Matches(channel.Key, channel.Value.Kind)).Select(static channel => channel.Key);

    /// <summary>Another one goes on where this one was.</summary>
    private void NotePlaces(ChannelKey channel, FanIn ended)
    {
        lock (_gate) _places[channel] = ended.Places;
    }

    /// <summary>A stream that comes when one of its name was gone is another stream.</summary>
    private void ForgetPlacesOutside(RoutingTable table)
    {
        lock (_gate)
        {
            foreach (ChannelKey channel in _places.Keys)
            {
                if (table.TryFind(channel) is null) _places.Remove(channel);
            }
        }
    }

    private StreamPlaces PlacesOf(ChannelKey channel)
    {
        lock (_gate) return _places.GetValueOrDefault(channel, StreamPlaces.Beginning);
    }

    private void OnEnded()
    {
        lock (_gate) _someEnded.TrySetResult();
    }

    private async Task CloseAsync()
    {
        _deliveries.Close();
        _forget(this);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        FanIn[] attached;
        lock (_gate) attached = [.. _attached.Values];
        foreach (FanIn fanIn in attached) await fanIn.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }
}
