namespace Fibril.Broker.Security.Passwords;

/// <summary>Lets few passwords be looked at at once, and few more wait for that. Thread-safe.</summary>
/// <param name="places">How many are looked at at once.</param>
/// <param name="mostWaiting">How many may wait; more are refused.</param>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "Nobody asks for the semaphore's wait handle, so it holds nothing.")]
internal sealed class HashingRoom(int places, int mostWaiting)
{
    private readonly SemaphoreSlim _free = new(places);
    private int _presentCount;

    /// <summary>Works on a pool thread as soon as there is a place.</summary>
    /// <param name="work">Takes a processor for a while.</param>
    /// <param name="cancellationToken">Gives up waiting; work that has begun runs to its end.</param>
    /// <exception cref="TooManyLoginsException">Too many wait already.</exception>
    public async Task<T> WorkAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _presentCount) > places + mostWaiting) throw new TooManyLoginsException();
            await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await Task.Run(work, CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                _free.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _presentCount);
        }
    }
}
