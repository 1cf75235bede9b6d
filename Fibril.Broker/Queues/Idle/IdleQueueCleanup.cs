using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Partitions;

namespace Fibril.Broker.Queues.Idle;

/// <summary>Looks at all queues from time to time: unloads those that nobody uses, and deletes those that were declared to go when idle.</summary>
/// <remarks>A turn begins when the one before it has ended and the interval has passed.</remarks>
internal sealed class IdleQueueCleanup : IAsyncDisposable
{
    private readonly QueueRegistry _queues;
    private readonly IdleQueueOptions _options;
    private readonly IntervalLoop _loop;

    public IdleQueueCleanup(QueueRegistry queues, IdleQueueOptions options, TimeProvider time, ILogger logger)
    {
        _queues = queues;
        _options = options;
        _loop = new IntervalLoop(() => _options.SweepInterval, SweepAsync, failure => logger.CleanupFailed(failure), time);
    }

    /// <summary>Looks at every queue once.</summary>
    public async Task SweepAsync()
    {
        foreach (PartitionSlot<QueuePartition> slot in _queues.Slots) await _queues.CleanUpAsync(slot, _options.Enabled ? _options.EvictAfter : null);
        await _queues.DeleteIdleQueuesAsync();
    }

    /// <summary>The interval of the options has changed.</summary>
    public void IntervalChanged() => _loop.IntervalChanged();

    public ValueTask DisposeAsync() => _loop.DisposeAsync();
}
