using System.Net.ServerSentEvents;
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

    /// <summary>Silence after which what is shown counts as old.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly List<Subscription> _subscriptions = []; // under the gate
    private CancellationTokenSource? _listening;             // under the gate; of the stream that is open
    private string _families = "";                           // under the gate; of the stream that is open
    private Task _loop = Task.CompletedTask;
    private bool _isDisposed;
    private bool _isPaused;
    private bool _isHidden;
    private DateTimeOffset? _failedAt;

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

    /// <summary>True while nobody can see the page. Nothing is asked then.</summary>
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

    public LiveState State =>
        _failedAt is not null ? LiveState.Unreachable
        : _isPaused ? LiveState.Paused
        : HeardAt is not { } heard ? LiveState.Connecting
        : time.GetUtcNow() - heard > StaleAfter ? LiveState.Stale
        : LiveState.Live;

    /// <summary>Begins to hand frames on.</summary>
    /// <param name="families">What they must have.</param>
    /// <param name="handle">Gets every frame, from any thread, one after the other.</param>
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
            string wanted = _isPaused || _isHidden || _isDisposed ? "" : string.Join(',', _subscriptions.SelectMany(static subscription => subscription.Families).Distinct().Order());
            if (wanted == _families) return;
            (old, _families, _listening) = (_listening, wanted, wanted.Length == 0 ? null : new CancellationTokenSource());
            if (_listening is { } listening) _loop = ListenAfterAsync(_loop, wanted, listening.Token);
        }

        old?.Cancel();
    }

    private async Task ListenAfterAsync(Task before, string families, CancellationToken stopping)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        TimeSpan pause = FirstPause;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(families, () => pause = FirstPause, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (AdminApiException failure)
            {
                Fail(failure);
                if (failure.NeedsLogin) return;
            }
            catch (IOException failure)
            {
                Fail(new AdminApiException(0, AdminApiException.Unreachable, $"The broker {api.Broker.Name} was lost: {failure.Message}", [], null, failure));
            }

            try
            {
                await Task.Delay(pause, time, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = TimeSpan.FromTicks(Math.Min((pause * 2).Ticks, LongestPause.Ticks));
        }
    }

    private async Task ListenAsync(string families, Action heard, CancellationToken stopping)
    {
        using HttpResponseMessage response = await api.OpenEventsAsync(
            $"admin/api/events?families={families}&interval_ms={Interval.TotalMilliseconds:0}", stopping);
        await using Stream stream = await response.Content.ReadAsStreamAsync(stopping);
        await foreach (SseItem<string> item in SseParser.Create(stream).EnumerateAsync(stopping))
        {
            var frame = LiveFrame.Parse(item.Data);
            HeardAt = time.GetUtcNow();
            (_failedAt, Failure) = (null, null);
            heard();
            Subscription[] subscriptions;
            lock (_gate) subscriptions = [.. _subscriptions];
            foreach (Subscription subscription in subscriptions) await subscription.HandleAsync(frame);
            Changed?.Invoke();
        }

        throw new IOException("it has ended the stream of events.");
    }

    private void Fail(AdminApiException failure)
    {
        (_failedAt, Failure) = (time.GetUtcNow(), failure);
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
