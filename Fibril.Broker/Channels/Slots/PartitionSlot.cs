using Fibril.Broker.Primitives;

namespace Fibril.Broker.Channels.Slots;

/// <summary>The place of one partition in a running broker: loaded or on the disk only, who uses it, and since when nobody does.</summary>
/// <remarks>
/// Loading, unloading and replacing a partition are serialised here with everybody who arrives (I-12): an arrival is counted before the
/// partition is loaded, and waits while somebody holds the slot. Thread-safe.
/// </remarks>
internal sealed class PartitionSlot<TPartition>(PartitionId id, TimeProvider time, Func<PartitionId, TPartition> load)
    where TPartition : class, ISlotPartition
{
    private readonly Lock _gate = new();
    private readonly int[] _uses = new int[3];
    private Task<TPartition>? _loading;
    private TaskCompletionSource? _held;
    private bool _isRetired;
    private long _lastUsed = time.GetTimestamp();

    public PartitionId Id { get; } = id;

    /// <summary>The partition, when it is loaded.</summary>
    public TPartition? Loaded
    {
        get
        {
            lock (_gate) return LoadedNow;
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

    private TPartition? LoadedNow => _loading is { IsCompletedSuccessfully: true } loaded ? loaded.Result : null;

    public int CountOf(PartitionUse use)
    {
        lock (_gate) return _uses[(int)use];
    }

    /// <summary>Loads the partition if need be; everybody who comes meanwhile waits for the same load (S-31).</summary>
    /// <returns>Null when the slot is retired: its channel was deleted.</returns>
    /// <exception cref="PartitionUnavailableException">It cannot be loaded. The next call tries again, unless the files are damaged.</exception>
    public async ValueTask<PartitionLease<TPartition>?> TryAcquireAsync(PartitionUse use)
    {
        while (true)
        {
            Task? held;
            Task<TPartition>? loading = null;
            lock (_gate)
            {
                if (_isRetired) return null;
                held = _held?.Task;
                if (held is null)
                {
                    if (Failure is { IsDamage: true } damage) throw damage;
                    _uses[(int)use]++;
                    loading = _loading ??= Task.Run(() => load(Id));
                }
            }

            if (loading is not null) return await LeaseAsync(loading, use);
            await held!;
        }
    }

    /// <summary>Says that the partition cannot be loaded, before anybody tries.</summary>
    public void Condemn(PartitionUnavailableException failure)
    {
        lock (_gate) Failure = failure;
    }

    /// <summary>Holds the slot: nobody gets the partition until it is let go. Waits for a load that is under way, and for who holds it now.</summary>
    /// <returns>What to dispose to let it go; null when the slot is retired.</returns>
    public async Task<SlotHold<TPartition>?> TryHoldAsync()
    {
        while (true)
        {
            Task? held;
            Task<TPartition>? loading;
            lock (_gate)
            {
                if (_isRetired) return null;
                held = _held?.Task;
                loading = _loading;
                if (held is null) _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (held is not null)
            {
                await held;
                continue;
            }

            if (loading is not null) await ((Task)loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new SlotHold<TPartition>(this, LoadedNow);
        }
    }

    /// <summary>Unloads the partition when nobody uses it and it has no work (I-10).</summary>
    /// <param name="idleFor">Time that must have passed since the last use.</param>
    public async Task<UnloadOutcome> TryUnloadAsync(TimeSpan idleFor)
    {
        TPartition partition;
        lock (_gate)
        {
            if (WhyNotToUnload(idleFor) is { } reason) return Note(reason);
            partition = LoadedNow!;
            _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        UnloadOutcome outcome = await partition.TryUnloadAsync();
        LetGo(isGone: outcome == UnloadOutcome.Unloaded, failure: null, retire: false);
        return Note(outcome);
    }

    /// <summary>Stops the partition, when it is loaded, for the end of the broker.</summary>
    public async Task StopAsync()
    {
        using SlotHold<TPartition>? hold = await TryHoldAsync();
        if (hold?.Partition is not { } partition) return;
        await partition.StopAsync();
        hold.IsGone = true;
    }

    /// <summary>Ends a hold.</summary>
    internal void LetGo(bool isGone, PartitionUnavailableException? failure, bool retire)
    {
        TaskCompletionSource held;
        lock (_gate)
        {
            held = _held!;
            _held = null;
            _isRetired = retire;
            if (isGone)
            {
                _loading = null;
                Failure = failure;
            }
        }

        held.SetResult();
    }

    /// <summary>Condition by condition, in the order of I-10; null when the partition may be asked to unload.</summary>
    private UnloadOutcome? WhyNotToUnload(TimeSpan idleFor)
    {
        if (_held is not null) return UnloadOutcome.StorageRace;
        if (_loading is null) return UnloadOutcome.AlreadyUnloaded;
        if (_uses[(int)PartitionUse.Subscribe] > 0) return _loading.IsCompleted ? UnloadOutcome.ActiveSubscribers : UnloadOutcome.LeaseRace;
        if (_uses[(int)PartitionUse.Publish] > 0) return _loading.IsCompleted ? UnloadOutcome.ActivePublishers : UnloadOutcome.LeaseRace;
        if (_uses[(int)PartitionUse.Visit] > 0 || !_loading.IsCompletedSuccessfully) return UnloadOutcome.StorageRace;
        return time.GetElapsedTime(_lastUsed) < idleFor ? UnloadOutcome.NotIdleLongEnough : null;
    }

    /// <summary>Remembers what the cleanup came to.</summary>
    public UnloadOutcome Note(UnloadOutcome outcome)
    {
        LastCleanup = outcome;
        return outcome;
    }

    private async ValueTask<PartitionLease<TPartition>> LeaseAsync(Task<TPartition> loading, PartitionUse use)
    {
        try
        {
            TPartition partition = await loading;
            Failure = null;
            return new PartitionLease<TPartition>(partition, use, End);
        }
        catch (Exception failure)
        {
            lock (_gate)
            {
                Failure = failure as PartitionUnavailableException;
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
