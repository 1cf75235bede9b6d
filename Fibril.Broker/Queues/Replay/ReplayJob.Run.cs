using Fibril.Broker.Channels.Inspection;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.Storage;

namespace Fibril.Broker.Queues.Replay;

// The job itself: one partition after the other, a look at a few hundred messages, and those that meet the filter in small chunks. What is on
// its way when it is to end comes to its end, so that no copy is forgotten and no lease is left behind.
internal sealed partial class ReplayJob
{
    private const int MessagesPerLook = 256;
    private const int MostSamples = 10;
    private const int MostTroubles = 20;

    private async Task RunAsync()
    {
        await Task.Yield(); // whoever has started it does not wait
        _logger.ReplayStarted(Id, Request.DeadLetters, Request.IsDeletion ? "Delete" : Request.Mode.ToString(), Request.IsDryRun);
        ReplayState state = ReplayState.Failed;
        string? error = null;
        try
        {
            state = await ReplayQueueAsync();
        }
        catch (OperationCanceledException)
        {
            state = Volatile.Read(ref _isInterrupted) ? ReplayState.Interrupted : ReplayState.Cancelled;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            error = failure.Message;
            _logger.ReplayFailed(Id, failure);
        }

        ReplayProgress last = Progress with { State = state, Error = error, EndedMs = NowMs };
        Update(last);
        _logger.ReplayEnded(Id, ReplayStates.NameOf(state), last.Replayed, last.Deleted, last.Skipped, last.Failed);
    }

    private async Task<ReplayState> ReplayQueueAsync()
    {
        var pacer = new ReplayPacer(_time, Request.MostPerSecond);
        (int first, int end) = PartitionSpan.Of(Request.Partition, _partitions.Find(Request.DeadLetters)?.PartitionCount ?? 0);
        for (int partition = first; partition < end; partition++)
        {
            var id = new PartitionId(Request.DeadLetters, partition);
            if (await ReplayPartitionAsync(id, pacer) is { } ended) return ended;
        }

        return ReplayState.Completed;
    }

    /// <summary>Replays what is in a partition now; null when the job is to go on with the next one.</summary>
    private async Task<ReplayState?> ReplayPartitionAsync(PartitionId id, ReplayPacer pacer)
    {
        using PartitionLease<QueuePartition> visit = await _partitions.VisitAsync(id);
        var replay = new DeadLetterReplay(visit.Partition, _partitions, _time, Request.Mode, $"replay {Id}", Request.Target)
        {
            Copied = Request.Mode == ReplayMode.Copy ? _places : null,
        };
        long? end = null;
        for (long next = 0; next < (end ?? long.MaxValue);)
        {
            _cancelling.Token.ThrowIfCancellationRequested();
            long from = next;
            InspectionSlice slice = await visit.Partition.AskAsync(partition => partition.Find(from, MessagesPerLook, StatusFilter.Active));

            // What fails again comes back to this very queue: it is not for this job, which would never end.
            end ??= slice.EndOffset;
            (List<long> matches, next) = Examine(id, slice, end.Value);
            Update(Progress with { Position = new MessageLink(id, Math.Min(next, end.Value)) });
            if (!Request.IsDryRun && await DealWithAsync(id, visit.Partition, replay, matches, pacer) is { } ended) return ended;
            if (Progress.Matched == Request.MostMessages) return ReplayState.Completed;
        }

        return null;
    }

    /// <summary>Picks those that meet the filter, as many as are still wanted. Blocks on the disk.</summary>
    /// <returns>The matches, and where the next look begins.</returns>
    private (List<long> Matches, long Next) Examine(PartitionId id, InspectionSlice slice, long end)
    {
        ReplayProgress progress = Progress;
        long wanted = (Request.MostMessages ?? long.MaxValue) - progress.Matched;
        var matches = new List<long>();
        List<ReplaySample> samples = [.. progress.Samples];
        long examined = 0;
        HashSet<long> active = [.. slice.States.Select(static state => state.Offset).Where(offset => offset < end)];
        using var reader = new RunReader(slice.Messages, slice.Runs);
        while (matches.Count < wanted && reader.ReadNext() is { } block)
        {
            using (block)
            {
                for (int i = 0; i < block.Count && matches.Count < wanted; i++)
                {
                    Record record = block[i];
                    if (!active.Contains(record.Offset) || record.Kind != MessageRecord.Kind) continue;
                    examined++;
                    if (Request.Filter.Match(record) is not { } source) continue;
                    matches.Add(record.Offset);
                    if (Request.IsDryRun && samples.Count < MostSamples)
                        samples.Add(new ReplaySample(new MessageLink(id, record.Offset), source));
                }
            }
        }

        Update(progress with { Examined = progress.Examined + examined, Matched = progress.Matched + matches.Count, Samples = samples });
        return (matches, reader.GoneFrom ?? slice.NextOffset);
    }

    /// <summary>Replays or deletes the matches of one look; null when the job is to go on.</summary>
    private async Task<ReplayState?> DealWithAsync(PartitionId id, QueuePartition deadLetters, DeadLetterReplay replay, List<long> matches, ReplayPacer pacer)
    {
        for (int at = 0; at < matches.Count;)
        {
            _cancelling.Token.ThrowIfCancellationRequested();
            int count = (int)Math.Min(Math.Min(pacer.ChunkCount, matches.Count - at), Request.MostFailures - Progress.Failed);
            await pacer.WaitAsync(count, _cancelling.Token);
            List<long> chunk = matches.GetRange(at, count);
            Count(id, Request.IsDeletion ? await DeleteAsync(deadLetters, chunk) : await replay.RunAsync(chunk));
            if (Progress.Failed >= Request.MostFailures) return ReplayState.TooManyFailures;
            at += count;
        }

        return null;
    }

    /// <summary>Settles dead letters for good. What somebody has meanwhile is left alone.</summary>
    private static async Task<Dictionary<long, ReplayItem>> DeleteAsync(QueuePartition deadLetters, List<long> offsets)
    {
        RemovalOutcome[] outcomes = await deadLetters.ChangeAsync(partition => partition.Remove(offsets), waitsForDisk: true);
        return offsets.Zip(outcomes).ToDictionary(
            static pair => pair.First,
            static pair => RemovalOutcomes.ReasonOf(pair.Second) is { } reason ? ReplayItem.Skipped(pair.First, reason) : ReplayItem.Deleted(pair.First));
    }

    private void Count(PartitionId id, Dictionary<long, ReplayItem> items)
    {
        ReplayProgress progress = Progress;
        IEnumerable<ReplayTrouble> troubles = items.Values
            .Where(static item => item.Reason is not null).OrderBy(static item => item.Offset).Select(item => new ReplayTrouble(id, item));
        Update(progress with
        {
            Replayed = progress.Replayed + NumberOf(items, ReplayOutcome.Replayed),
            Deleted = progress.Deleted + NumberOf(items, ReplayOutcome.Deleted),
            Undoable = _places.Count,
            Skipped = progress.Skipped + NumberOf(items, ReplayOutcome.Skipped),
            Failed = progress.Failed + NumberOf(items, ReplayOutcome.Failed),
            Kept = progress.Kept + items.Values.Count(static item => item is { Outcome: ReplayOutcome.Replayed, Reason: not null }),
            LastTroubles = [.. progress.LastTroubles.Concat(troubles).TakeLast(MostTroubles)],
        });
    }

    private static int NumberOf(Dictionary<long, ReplayItem> items, ReplayOutcome outcome) =>
        items.Values.Count(item => item.Outcome == outcome);
}
