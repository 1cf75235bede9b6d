using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.Replay;

/// <summary>What came of withdrawing copies.</summary>
/// <param name="AtMs">When, Unix milliseconds.</param>
/// <param name="Withdrawn">Copies that nobody was given, and that are gone now.</param>
/// <param name="TooLate">Copies that a consumer has or had, that are settled, or that went with their queue.</param>
/// <param name="Left">Copies that could not be asked for; they can be withdrawn later.</param>
/// <param name="Error">Why they could not; null when none is left.</param>
internal sealed record UndoReport(long AtMs, long Withdrawn, long TooLate, long Left, string? Error);

/// <summary>Copies cannot be withdrawn. The message is fit for operators.</summary>
internal sealed class ReplayNotUndoableException(long id, string because) : InvalidOperationException($"The copies of replay {id} cannot be withdrawn: {because}");

/// <summary>Withdraws the copies of a job from the queues they went to, as far as nobody was given them.</summary>
internal sealed class ReplayUndo(IPartitionVisits partitions, CopiedPlaces places)
{
    // A turn of the partition takes as many: consumers do not wait for the whole.
    private const int MostPerTurn = 2048;

    private long _withdrawn;
    private long _tooLate;
    private string? _error;

    /// <summary>Withdraws what can be, and forgets what it has dealt with; completes when it is durable.</summary>
    public async Task<UndoReport> RunAsync(long atMs)
    {
        foreach (CopiedPart part in places.Parts)
        {
            try
            {
                await WithdrawAsync(part);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // Whatever it was: copies may be withdrawn already, and who asked, the job and the audit trail have to learn of them.
                _error ??= failure.Message;
            }
        }

        return new UndoReport(atMs, _withdrawn, _tooLate, places.Count, _error);
    }

    private async Task WithdrawAsync(CopiedPart part)
    {
        try
        {
            using PartitionLease<QueuePartition> visit = await partitions.VisitAsync(part.Id);
            if (visit.Partition.Incarnation == part.Incarnation)
            {
                while (part.First(MostPerTurn) is { Count: > 0 } runs)
                {
                    long withdrawn = await visit.Partition.ChangeAsync(partition => runs.Sum(partition.Withdraw), waitsForDisk: true);
                    _withdrawn += withdrawn;
                    _tooLate += runs.Sum(static run => run.Count) - withdrawn;
                    part.Forget(runs);
                }
            }
        }
        catch (UnknownPartitionException)
        {
            // The queue was deleted, and the copies with it.
        }

        _tooLate += part.Count;
        part.Clear();
    }
}
