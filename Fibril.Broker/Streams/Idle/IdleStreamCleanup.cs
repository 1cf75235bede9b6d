using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Partitions;

namespace Fibril.Broker.Streams.Idle;

/// <summary>Looks at all streams from time to time and unloads those that nobody uses (P-60).</summary>
/// <remarks>A turn begins when the one before it has ended and the interval has passed.</remarks>
internal sealed class IdleStreamCleanup : IAsyncDisposable
{
    private readonly StreamRegistry _streams;
    private readonly StreamOptions _options;
    private readonly ILogger _logger;
    private readonly IntervalLoop _loop;

    public IdleStreamCleanup(StreamRegistry streams, StreamOptions options, TimeProvider time, ILogger logger)
    {
        _streams = streams;
        _options = options;
        _logger = logger;
        _loop = new IntervalLoop(() => _options.IdleSweepInterval, SweepAsync, failure => logger.CleanupFailed(failure), time);
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

    /// <summary>The interval of the options has changed.</summary>
    public void IntervalChanged() => _loop.IntervalChanged();

    public ValueTask DisposeAsync() => _loop.DisposeAsync();
}
