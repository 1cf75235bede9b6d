using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Repair;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.Recovery;
using Fibril.Protocol;

namespace Fibril.Broker.Queues;

// A partition whose files are damaged is parked alone (S-46): the slot remembers why, and everybody who comes is told. A repair holds the
// slot, fixes one damage after the other until the partition loads, and lets it go.
internal sealed partial class QueueRegistry
{
    private const int MostRepairSteps = 1000;
    private const string RepairText = "The partition is being repaired; subscribe and publish again in a moment.";

    private long _quarantines;

    /// <summary>What happens to damaged partitions.</summary>
    public MismatchPolicy OnMismatch => _recovery.OnMismatch;

    /// <summary>Partitions that were quarantined since the start (S-51). Thread-safe.</summary>
    public long QuarantineCount => Interlocked.Read(ref _quarantines);

    /// <summary>Partitions that wait for a repair.</summary>
    public IReadOnlyList<QuarantinedPartition> Quarantined =>
        [.. _slots.Values.Select(static slot => (slot.Id, Damage: DamageOf(slot))).Where(static entry => entry.Damage is not null)
            .Select(static entry => new QuarantinedPartition(entry.Id, entry.Damage!))];

    /// <summary>False when the broker must not be sent clients (S-50).</summary>
    public bool IsReady => OnMismatch != MismatchPolicy.Refuse || Quarantined.Count == 0;

    void IPartitionHost.Damaged(PartitionId id, LogDamagedException damage)
    {
        NoteQuarantine(id, damage);
        if (OnMismatch == MismatchPolicy.Ignore) _ = RepairUnaskedAsync(id);
    }

    /// <summary>Gives up what cannot be read of a quarantined partition, and lets it serve again (S-47).</summary>
    /// <returns>What was found and done, in order.</returns>
    /// <exception cref="InvalidOperationException">The partition is not quarantined; the message is fit for operators.</exception>
    /// <exception cref="IOException">The disk fails, or the damage is of a kind that cannot be repaired; the partition stays quarantined.</exception>
    public async Task<IReadOnlyList<RepairStep>> RepairAsync(PartitionId id)
    {
        using SlotHold<QueuePartition>? hold = FindSlot(id) is { } slot ? await slot.TryHoldAsync() : null;
        if (hold is null || DamageOf(hold.Slot) is not { } damage)
            throw new InvalidOperationException($"Partition {id} is not quarantined, so there is nothing to repair.");

        if (hold.Partition is { } loaded)
        {
            await loaded.CloseAsync(CloseReason.ServerError, RepairText);
            hold.IsGone = true;
            hold.Failure = new PartitionUnavailableException(id, FaultTrace.New(), new LogDamagedException(damage));
        }

        IReadOnlyList<RepairStep> steps = await Task.Run(() => RepairAsync(id, damage));
        (hold.IsGone, hold.Failure) = (true, null);
        return steps;
    }

    /// <summary>Reads everything that is stored, and quarantines what is damaged. Called before anything is served. Blocks on the disk.</summary>
    /// <param name="progress">Told after each partition how many were looked at, and of how many.</param>
    public void VerifyAll(Action<int, int> progress)
    {
        PartitionId[] all = [.. _catalogue.All.SelectMany(static entry => entry.Partitions)];
        for (int i = 0; i < all.Length; i++)
        {
            IReadOnlyList<LogDamage> damages = LogVerification.Run(_environment.Log.Files, DirectoryOf(all[i]), LogKind.Messages, LogKind.Events);
            if (damages.Count > 0) Condemn(all[i], damages);
            progress(i + 1, all.Length);
        }
    }

    private static LogDamage? DamageOf(PartitionSlot<QueuePartition> slot) =>
        slot.Loaded is { } loaded ? loaded.Damage?.Damage : slot.Failure is { IsDamage: true } failure ? (failure.InnerException as LogDamagedException)?.Damage : null;

    private void Condemn(PartitionId id, IReadOnlyList<LogDamage> damages)
    {
        string trace = FaultTrace.New();
        foreach (LogDamage damage in damages) _environment.Logger.DamageFound(id, damage.ToString(), trace);
        var damaged = new LogDamagedException(damages[0]);
        _slots.GetOrAdd(id, NewSlot).Condemn(new PartitionUnavailableException(id, trace, damaged));
        NoteQuarantine(id, damaged);
        if (OnMismatch == MismatchPolicy.Ignore) _ = RepairUnaskedAsync(id);
    }

    private void NoteQuarantine(PartitionId id, LogDamagedException damage)
    {
        Interlocked.Increment(ref _quarantines);
        _environment.Logger.Quarantined(id, damage.Message);
    }

    private async Task RepairUnaskedAsync(PartitionId id)
    {
        try
        {
            await RepairAsync(id);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // It stays quarantined, and an operator has to look.
            _environment.Logger.NotRepaired(id, failure);
        }
    }

    /// <summary>Fixes the known damage and every other that loading runs into.</summary>
    private async Task<IReadOnlyList<RepairStep>> RepairAsync(PartitionId id, LogDamage damage)
    {
        var steps = new List<RepairStep>();
        while (true)
        {
            RepairStep step = PartitionRepair.Fix(_environment.Log, DirectoryOf(id), damage);
            steps.Add(step);
            _environment.Logger.Repaired(id, damage.ToString(), step.Action);
            try
            {
                // Loads, takes a snapshot of what is left, and goes: the next who comes loads it for good.
                await Open(id).StopAsync();
                return steps;
            }
            catch (LogDamagedException next) when (steps.Count < MostRepairSteps)
            {
                damage = next.Damage;
            }
        }
    }
}
