namespace Fibril.Broker.Admin;

/// <summary>Lets a few at a time read through very many messages, so that what anybody may ask for does not keep the disk from publishers and consumers. Thread-safe.</summary>
internal sealed class SideScans : IDisposable
{
    public const int MostAtOnce = 2;

    private readonly SemaphoreSlim _places = new(MostAtOnce);

    /// <summary>Runs a scan when it is its turn.</summary>
    /// <param name="scan">Does the reading.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<T> RunAsync<T>(Func<Task<T>> scan, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            return await scan();
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();
}
