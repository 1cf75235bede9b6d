using Fibril.Dashboard.Api;
using Fibril.Dashboard.Login;
using Microsoft.AspNetCore.Components;

namespace Fibril.Dashboard.Live;

/// <summary>A part of a page that shows what the broker tells, and goes on showing it while that changes.</summary>
/// <remarks>
/// It loads once before it is shown, so that the first paint has everything, and again with every frame of the live events; what it showed stays until
/// there is something newer, and a failure is shown beside it.
/// </remarks>
public abstract class LiveComponent : QueryComponent, IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private readonly CancellationToken _goneToken;
    private IDisposable? _subscription;
    private bool _isLoading;

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

    /// <summary>Reads what the part shows. Called before the first paint, with new parameters, and by default with every frame.</summary>
    protected abstract Task LoadAsync();

    /// <summary>Takes what it needs out of a frame. On the renderer's thread.</summary>
    protected virtual Task OnFrameAsync(LiveFrame frame) => LoadAsync();

    /// <summary>Loads again now, and shows it.</summary>
    protected async Task RefreshAsync()
    {
        await GuardAsync(LoadAsync);
        StateHasChanged();
    }

    protected override Task OnParametersSetAsync() => GuardAsync(LoadAsync);

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender) _subscription = Feed.Subscribe(Families, frame => InvokeAsync(() => TakeAsync(frame)));
    }

    private async Task TakeAsync(LiveFrame frame)
    {
        if (_goneToken.IsCancellationRequested || _isLoading) return;
        try
        {
            await GuardAsync(() => OnFrameAsync(frame));
            StateHasChanged();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            await DispatchExceptionAsync(fault); // the page shows it; the other parts go on
        }
    }

    private async Task GuardAsync(Func<Task> load)
    {
        _isLoading = true;
        try
        {
            await load();
            (Failure, IsLoaded) = (null, true);
        }
        catch (AdminApiException failure) when (failure.NeedsLogin)
        {
            Navigation.ToLogin();
        }
        catch (AdminApiException failure)
        {
            Failure = failure;
        }
        catch (OperationCanceledException) when (_goneToken.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
        finally
        {
            _isLoading = false;
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
