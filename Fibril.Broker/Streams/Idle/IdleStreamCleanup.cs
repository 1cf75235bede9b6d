using Fibril.Broker.Channels.Slots;

namespace Fibril.Broker.Streams.Idle;

/// <summary>Looks at all streams from time to time and unloads those that nobody uses (P-60).</summary>
/// <remarks>A turn begins when the one before it has ended and the interval has passed.</remarks>
internal sealed class IdleStreamCleanup : IAsyncDisposable
{
    private readonly StreamRegistry _streams;
    private readonly StreamOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;

    public IdleStreamCleanup(StreamRegistry streams, StreamOptions options, TimeProvider time, ILogger logger)
    {
        _streams = streams;
        _options = options;
        _time = time;
        _logger = logger;
        _loop = RunAsync();
    }

    /// <summary>Looks at every stream once.</summary>
    public async Task SweepAsync()
    {
        foreach (PartitionSlot<StreamPartition> slot in _streams.Slots)
        {
            if (slot.Loaded is null) continue;
            if (!_options.IdleEvictEnabled) slot.Note(UnloadOutcome.Disabled);
            else if (await slot.TryUnloadAsync(_options.IdleEvictAfter) == UnloadOutcome.Unloaded) _logger.PartitionUnloaded(slot.Id);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await Task.Delay(_options.IdleSweepInterval, _time, _stopping.Token);
            try
            {
                await SweepAsync();
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // The next turn tries again.
                _logger.CleanupFailed(failure);
            }
        }
    }
}
