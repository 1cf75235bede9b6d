using Fibril.Broker.Channels.Slots;

namespace Fibril.Broker.Queues.Idle;

/// <summary>Looks at all queues from time to time: unloads those that nobody uses, and deletes those that were declared to go when idle.</summary>
/// <remarks>A turn begins when the one before it has ended and the interval has passed.</remarks>
internal sealed class IdleQueueCleanup : IAsyncDisposable
{
    private readonly QueueRegistry _queues;
    private readonly IdleQueueOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;

    public IdleQueueCleanup(QueueRegistry queues, IdleQueueOptions options, TimeProvider time, ILogger logger)
    {
        _queues = queues;
        _options = options;
        _time = time;
        _logger = logger;
        _loop = RunAsync();
    }

    /// <summary>Looks at every queue once.</summary>
    public async Task SweepAsync()
    {
        foreach (PartitionSlot<QueuePartition> slot in _queues.Slots) await _queues.CleanUpAsync(slot, _options.Enabled ? _options.EvictAfter : null);
        await _queues.DeleteIdleQueuesAsync();
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
            await Task.Delay(_options.SweepInterval, _time, _stopping.Token);
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
