using Fibril.Dashboard.Api;
using Fibril.Dashboard.Login;
using Microsoft.AspNetCore.Components;

namespace Fibril.Dashboard.Live;

/// <summary>A part of a page that shows what the broker tells, and goes on showing it while that changes.</summary>
/// <remarks>
/// It loads once before it is shown, so that the first paint has everything, and again with every frame of the live events; what it showed stays until
/// there is something newer, and a failure is shown beside it. One load runs at a time, so that no late answer is shown over a newer one.
/// </remarks>
public abstract class LiveComponent : QueryComponent, IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private readonly CancellationToken _goneToken;
    private IDisposable? _subscription;
    private CancellationTokenSource? _load; // of the load that runs
    private Task _loading = Task.CompletedTask;
    private string? _addressOfLoad;
    private bool _isOutdated; // what the load reads is not all that is wanted by now

    protected LiveComponent() => _goneToken = _gone.Token;

    [Inject]
    public AdminApi Api { get; set; } = null!;

    [Inject]
    public LiveFeed Feed { get; set; } = null!;

    [Inject]
    public NavigationManager Navigation { get; set; } = null!;

    /// <summary>What the live events must carry for this part.</summary>
    protected virtual IReadOnlyList<string> Families => ["attention"];

    /// <summary>What went wrong last; null while all is well.</summary>
    protected AdminApiException? Failure { get; private set; }

    /// <summary>True when there is something to show.</summary>
    protected bool IsLoaded { get; private set; }

    /// <summary>Ends with the component.</summary>
    protected CancellationToken Gone => _goneToken;

    /// <summary>For what a load reads by the address alone: ends with the component, and when the address asks for something else by now.</summary>
    protected CancellationToken Wanted => _load?.Token ?? _goneToken;

    /// <summary>Reads what the part shows. Called before the first paint, with new parameters, and by default with every frame.</summary>
    protected abstract Task LoadAsync();

    /// <summary>Takes what it needs out of a frame. On the renderer's thread.</summary>
    protected virtual Task OnFrameAsync(LiveFrame frame) => LoadAsync();

    /// <summary>Loads again now, and shows it.</summary>
    protected async Task RefreshAsync()
    {
        await LoadAnewAsync();
        StateHasChanged();
    }

    protected override Task OnParametersSetAsync() => LoadAnewAsync();

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender) _subscription = Feed.Subscribe(Families, frame => InvokeAsync(() => TakeAsync(frame)));
    }

    private async Task TakeAsync(LiveFrame frame)
    {
        if (_goneToken.IsCancellationRequested || _load is not null) return;
        try
        {
            await (_loading = RunAsync(() => OnFrameAsync(frame)));
            StateHasChanged();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            await DispatchExceptionAsync(fault); // the page shows it; the other parts go on
        }
    }

    /// <summary>Reads after the load that runs, if one does: once, however often it is wanted meanwhile.</summary>
    private Task LoadAnewAsync()
    {
        if (_load is null) return _loading = RunAsync(LoadAsync);
        _isOutdated = true;
        if (_addressOfLoad != Navigation.Uri) _load.Cancel();
        return _loading;
    }

    private async Task RunAsync(Func<Task> load)
    {
        do
        {
            (_isOutdated, _addressOfLoad) = (false, Navigation.Uri);
            using var running = CancellationTokenSource.CreateLinkedTokenSource(_goneToken);
            _load = running;
            try
            {
                await GuardAsync(load);
            }
            finally
            {
                _load = null;
            }

            load = LoadAsync;
        }
        while (_isOutdated && !_goneToken.IsCancellationRequested);
    }

    private async Task GuardAsync(Func<Task> load)
    {
        try
        {
            await load();
            if (!_isOutdated) (Failure, IsLoaded) = (null, true);
        }
        catch (AdminApiException failure) when (failure.NeedsLogin)
        {
            Navigation.ToLogin();
        }
        catch (AdminApiException failure)
        {
            if (!_isOutdated) Failure = failure;
        }
        catch (OperationCanceledException) when (_isOutdated || _goneToken.IsCancellationRequested)
        {
            // Nobody looks any more, or for something else.
        }
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        _subscription?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
    }
}
