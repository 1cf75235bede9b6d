using Fibril.Dashboard.Api;

namespace Fibril.Dashboard.Live;

/// <summary>The live events of the broker, for all that a page shows: one stream for each circuit, of the families that somebody on it wants.</summary>
/// <remarks>
/// For the renderer's thread, but for the loop that listens; it hands frames to subscribers, which get to the renderer by themselves. Whoever has
/// lost the broker tries again, a little later each time, and what was shown stays.
/// </remarks>
public sealed class LiveFeed(AdminApi api, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Time between two frames.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>The same while nobody can see the page, and wants to be told of what needs attention all the same.</summary>
    public static readonly TimeSpan HiddenInterval = TimeSpan.FromSeconds(20);

    /// <summary>Silence after which what is shown counts as old.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(10);

    private const string Attention = "attention";

    private readonly Lock _gate = new();
    private readonly List<Subscription> _subscriptions = []; // under the gate
    private CancellationTokenSource? _listening;             // under the gate; of the stream that is open
    private LiveRequest _request = LiveRequest.Nothing;      // under the gate; of the stream that is open
    private Task _loop = Task.CompletedTask;
    private bool _isDisposed;
    private bool _isPaused;
    private bool _isHidden;
    private bool _tellsWhileHidden;

    /// <summary>Something has changed that is not in a frame: state, or pause. Comes from any thread.</summary>
    public event Action? Changed;

    /// <summary>When the broker was heard last; null for never.</summary>
    public DateTimeOffset? HeardAt { get; private set; }

    /// <summary>The last failure; null while all is well.</summary>
    public AdminApiException? Failure { get; private set; }

    /// <summary>True while the reader wants nothing to change.</summary>
    public bool IsPaused
    {
        get => _isPaused;
        set
        {
            if (_isPaused == value) return;
            _isPaused = value;
            Restart();
            Changed?.Invoke();
        }
    }

    /// <summary>True while nobody can see the page. Nothing is asked then, or only what needs attention.</summary>
    public bool IsHidden
    {
        get => _isHidden;
        set
        {
            if (_isHidden == value) return;
            _isHidden = value;
            Restart();
        }
    }

    /// <summary>True when the reader wants to be told of what needs attention while the page is out of sight.</summary>
    public bool TellsWhileHidden
    {
        get => _tellsWhileHidden;
        set
        {
            if (_tellsWhileHidden == value) return;
            _tellsWhileHidden = value;
            Restart();
        }
    }

    public LiveState State =>
        Failure is { } failure ? failure.IsUnreachable ? LiveState.Unreachable : LiveState.Refused
        : _isPaused ? LiveState.Paused
        : HeardAt is not { } heard ? LiveState.Connecting
        : time.GetUtcNow() - heard > StaleAfter ? LiveState.Stale
        : LiveState.Live;

    /// <summary>Begins to hand frames on.</summary>
    /// <param name="families">What they must have.</param>
    /// <param name="handle">Gets every frame, from any thread, one after the other. Must not fail.</param>
    /// <returns>Ends it when disposed.</returns>
    public IDisposable Subscribe(IReadOnlyList<string> families, Func<LiveFrame, Task> handle)
    {
        var subscription = new Subscription(this, families, handle);
        lock (_gate) _subscriptions.Add(subscription);
        Restart();
        return subscription;
    }

    public async ValueTask DisposeAsync()
    {
        CancellationTokenSource? listening;
        lock (_gate)
        {
            _isDisposed = true;
            listening = _listening;
            _listening = null;
        }

        if (listening is not null) await listening.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Remove(Subscription subscription)
    {
        lock (_gate) _subscriptions.Remove(subscription);
        Restart();
    }

    /// <summary>Opens another stream when the one that is open is not what is wanted.</summary>
    private void Restart()
    {
        CancellationTokenSource? old;
        lock (_gate)
        {
            LiveRequest wanted = Wanted();
            if (wanted == _request) return;
            (old, _request, _listening) = (_listening, wanted, wanted == LiveRequest.Nothing ? null : new CancellationTokenSource());
            if (_listening is { } listening) _loop = ListenAfterAsync(_loop, new LiveListener(api, time, wanted, HandAsync, Fail), listening.Token);
        }

        old?.Cancel();
    }

    private LiveRequest Wanted()
    {
        if (_isPaused || _isDisposed) return LiveRequest.Nothing;
        if (_isHidden) return _tellsWhileHidden ? new LiveRequest(Attention, HiddenInterval) : LiveRequest.Nothing;
        return new LiveRequest(string.Join(',', _subscriptions.SelectMany(static subscription => subscription.Families).Distinct().Order()), Interval);
    }

    private static async Task ListenAfterAsync(Task before, LiveListener listener, CancellationToken stopping)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        await listener.RunAsync(stopping);
    }

    private async Task HandAsync(LiveFrame frame)
    {
        (HeardAt, Failure) = (time.GetUtcNow(), null);
        Subscription[] subscriptions;
        lock (_gate) subscriptions = [.. _subscriptions];
        foreach (Subscription subscription in subscriptions) await subscription.HandleAsync(frame);
        Changed?.Invoke();
    }

    private void Fail(AdminApiException failure)
    {
        Failure = failure;
        Changed?.Invoke();
    }

    private sealed class Subscription(LiveFeed feed, IReadOnlyList<string> families, Func<LiveFrame, Task> handle) : IDisposable
    {
        private bool _isDisposed;

        public IReadOnlyList<string> Families => families;

        public Task HandleAsync(LiveFrame frame) => _isDisposed ? Task.CompletedTask : handle(frame);

        public void Dispose()
        {
            if (_isDisposed) return;
            _isDisposed = true;
            feed.Remove(this);
        }
    }
}
