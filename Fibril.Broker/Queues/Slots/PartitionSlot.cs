using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.Slots;

/// <summary>The place of one partition in a running broker: loaded or on the disk only, who uses it, and since when nobody does.</summary>
/// <remarks>
/// Loading, unloading and replacing a partition are serialised here with everybody who arrives (I-12): an arrival is counted before the
/// partition is loaded, and waits while one is going. Thread-safe.
/// </remarks>
internal sealed class PartitionSlot(PartitionId id, TimeProvider time, Func<PartitionId, QueuePartition> open)
{
    private readonly Lock _gate = new();
    private readonly int[] _uses = new int[3];
    private Task<QueuePartition>? _loading;
    private Task? _leaving;
    private long _lastUsed = time.GetTimestamp();

    public PartitionId Id { get; } = id;

    /// <summary>The partition, when it is loaded.</summary>
    public QueuePartition? Loaded
    {
        get
        {
            lock (_gate) return _loading is { IsCompletedSuccessfully: true } loaded ? loaded.Result : null;
        }
    }

    /// <summary>Why the partition cannot be loaded; null when it was, or nobody has tried.</summary>
    public PartitionUnavailableException? Failure { get; private set; }

    /// <summary>What the last look of the idle cleanup came to; null before the first.</summary>
    public UnloadOutcome? LastCleanup { get; private set; }

    /// <summary>Since when nobody uses the partition; zero while somebody does.</summary>
    public TimeSpan IdleFor
    {
        get
        {
            lock (_gate) return IsUsed ? TimeSpan.Zero : time.GetElapsedTime(_lastUsed);
        }
    }

    private bool IsUsed => _uses[0] + _uses[1] + _uses[2] > 0;

    public int CountOf(PartitionUse use)
    {
        lock (_gate) return _uses[(int)use];
    }

    /// <summary>Loads the partition if need be; everybody who comes meanwhile waits for the same load (S-31).</summary>
    /// <exception cref="PartitionUnavailableException">It cannot be loaded. The next call tries again, unless the files are damaged.</exception>
    public async ValueTask<PartitionLease> AcquireAsync(PartitionUse use)
    {
        while (true)
        {
            Task? leaving;
            Task<QueuePartition>? loading = null;
            lock (_gate)
            {
                leaving = _leaving;
                if (leaving is null)
                {
                    if (Failure is { IsDamage: true } damage) throw damage;
                    _uses[(int)use]++;
                    loading = _loading ??= Task.Run(() => open(Id));
                }
            }

            if (loading is not null) return await LeaseAsync(loading, use);
            await leaving!.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Unloads the partition when nobody uses it and it has no work (I-10).</summary>
    /// <param name="idleFor">Time that must have passed since the last use.</param>
    public async Task<UnloadOutcome> TryUnloadAsync(TimeSpan idleFor)
    {
        QueuePartition partition;
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (WhyNotToUnload(idleFor) is { } reason) return Note(reason);
            partition = _loading!.Result;
            _leaving = left.Task;
        }

        UnloadOutcome outcome = await partition.TryUnloadAsync();
        lock (_gate)
        {
            if (outcome == UnloadOutcome.Unloaded) _loading = null;
            Note(outcome);
            _leaving = null;
        }

        left.SetResult();
        return outcome;
    }

    /// <summary>Takes the partition out of service, does something to its files, and lets it be loaded again. One at a time.</summary>
    /// <param name="leave">Called with the partition, when it is loaded, to close it.</param>
    /// <param name="act">Called when no file of it is open.</param>
    public async Task ReplaceAsync(Func<QueuePartition, Task> leave, Func<Task> act)
    {
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<QueuePartition>? loading;
        while (true)
        {
            Task? leaving;
            lock (_gate)
            {
                leaving = _leaving;
                if (leaving is null) _leaving = left.Task;
                loading = _loading;
            }

            if (leaving is null) break;
            await leaving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        try
        {
            if (loading is not null)
            {
                await ((Task)loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (loading.IsCompletedSuccessfully) await leave(loading.Result);
            }

            await act();
            Failure = null;
        }
        finally
        {
            lock (_gate)
            {
                _loading = null;
                _leaving = null;
                _lastUsed = time.GetTimestamp();
            }

            left.SetResult();
        }
    }

    /// <summary>Stops the partition, when it is loaded, for the end of the broker.</summary>
    public async Task StopAsync()
    {
        Task<QueuePartition>? loading;
        Task? leaving;
        lock (_gate)
        {
            loading = _loading;
            leaving = _leaving;
        }

        if (leaving is not null) await leaving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (loading is null) return;
        await ((Task)loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // One that could not be loaded has nothing to make durable.
        if (loading.IsCompletedSuccessfully) await loading.Result.StopAsync();
    }

    /// <summary>Condition by condition, in the order of I-10; null when the partition may be asked to unload.</summary>
    private UnloadOutcome? WhyNotToUnload(TimeSpan idleFor)
    {
        if (_leaving is not null) return UnloadOutcome.StorageRace;
        if (_loading is null) return UnloadOutcome.AlreadyUnloaded;
        if (_uses[(int)PartitionUse.Subscribe] > 0) return _loading.IsCompleted ? UnloadOutcome.ActiveSubscribers : UnloadOutcome.LeaseRace;
        if (_uses[(int)PartitionUse.Publish] > 0) return _loading.IsCompleted ? UnloadOutcome.ActivePublishers : UnloadOutcome.LeaseRace;
        if (_uses[(int)PartitionUse.Visit] > 0 || !_loading.IsCompletedSuccessfully) return UnloadOutcome.StorageRace;
        return time.GetElapsedTime(_lastUsed) < idleFor ? UnloadOutcome.NotIdleLongEnough : null;
    }

    private UnloadOutcome Note(UnloadOutcome outcome)
    {
        LastCleanup = outcome;
        return outcome;
    }

    private async ValueTask<PartitionLease> LeaseAsync(Task<QueuePartition> loading, PartitionUse use)
    {
        try
        {
            QueuePartition partition = await loading;
            Failure = null;
            return new PartitionLease(partition, use, End);
        }
        catch (PartitionUnavailableException failure)
        {
            lock (_gate)
            {
                Failure = failure;
                if (_loading == loading) _loading = null;
            }

            End(use);
            throw;
        }
        catch
        {
            lock (_gate)
            {
                if (_loading == loading) _loading = null;
            }

            End(use);
            throw;
        }
    }

    private void End(PartitionUse use)
    {
        lock (_gate)
        {
            _uses[(int)use]--;
            _lastUsed = time.GetTimestamp();
        }
    }
}
