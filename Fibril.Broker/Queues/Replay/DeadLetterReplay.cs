using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.Storage;

namespace Fibril.Broker.Queues.Replay;

/// <summary>Replays dead letters of one partition, a few at a time. One call at a time.</summary>
/// <param name="deadLetters">The partition they are in; held by the caller.</param>
/// <param name="partitions">The way to the queues they came from.</param>
/// <param name="time">Clock of the copies.</param>
/// <param name="mode">What becomes of a dead letter afterwards.</param>
/// <param name="name">Whom operators see as the holder of what is being moved.</param>
/// <param name="target">Where to, for any message; null for where each dead letter came from.</param>
internal sealed class DeadLetterReplay(
    QueuePartition deadLetters, IPartitionVisits partitions, TimeProvider time, ReplayMode mode, string name, QueueName? target = null)
{
    private const long MostStagedBytes = 4 << 20;

    private const string KeptText =
        "the copy was made, and the dead letter is still there: its lease was over before that, or its partition has stopped";

    private readonly ReplayCopies _copies = new(deadLetters.Id, partitions, time, target);

    /// <summary>Takes down where the copies are; null when nobody wants to know later.</summary>
    public CopiedPlaces? Copied { get; init; }

    /// <summary>Replays some dead letters. It runs to its end: what is copied is noted, and what is leased is settled or given back.</summary>
    /// <param name="ascending">Their offsets, without repetition.</param>
    /// <returns>What became of each.</returns>
    /// <exception cref="PartitionNotServingException">The partition answers nobody now; nothing was done.</exception>
    public async Task<Dictionary<long, ReplayItem>> RunAsync(IReadOnlyList<long> ascending)
    {
        QueueSubscription? mover = mode == ReplayMode.Move ? ReplayHolder.New(name) : null;
        ReplaySlice slice = await deadLetters.ChangeAsync(partition => partition.BeginReplay(ascending, mover));
        Dictionary<long, ReplayItem> items = slice.Skipped.ToDictionary(static item => item.Offset);
        var copied = new List<ReplayedMessage>();
        await CopyAsync(slice, items, copied);
        await FinishAsync(mover, copied, items);
        return items;
    }

    private async Task CopyAsync(ReplaySlice slice, Dictionary<long, ReplayItem> items, List<ReplayedMessage> copied)
    {
        Exception? unreadable = null;
        try
        {
            await ReadAndCopyAsync(slice, items, copied);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            unreadable = failure;
        }

        // What was read before is copied all the same (D-66).
        await PublishAsync(items, copied);
        foreach ((long offset, _) in slice.Orders)
        {
            items.TryAdd(offset, unreadable is null
                ? ReplayItem.Skipped(offset, "its record is not stored any more")
                : ReplayItem.Failed(offset, unreadable.Message));
        }
    }

    private async Task ReadAndCopyAsync(ReplaySlice slice, Dictionary<long, ReplayItem> items, List<ReplayedMessage> copied)
    {
        int order = 0;
        (SegmentedLog messages, IReadOnlyList<PlannedRun> runs) = (slice.Messages, slice.Runs);
        while (true)
        {
            using var reader = new RunReader(messages, runs);
            while (reader.ReadNext() is { } block)
            {
                using (block) Stage(block, slice.Orders, ref order, items);
                if (_copies.StagedBytes >= MostStagedBytes) await PublishAsync(items, copied);
            }

            if (reader.GoneFrom is not { } from) return;
            long[] left = [.. slice.Orders.Select(static wanted => wanted.Offset).Where(offset => offset >= from)];
            (messages, runs) = await deadLetters.AskAsync(partition => partition.PlanReplay(left));
        }
    }

    private void Stage(RecordBlock block, IReadOnlyList<ReplayOrder> orders, ref int order, Dictionary<long, ReplayItem> items)
    {
        for (int i = 0; i < block.Count; i++)
        {
            Record record = block[i];
            while (order < orders.Count && orders[order].Offset < record.Offset) order++;
            if (order == orders.Count) return;
            if (orders[order].Offset > record.Offset || record.Kind != MessageRecord.Kind) continue;
            if (_copies.Stage(record, orders[order]) is { } reason) items.Add(record.Offset, ReplayItem.Skipped(record.Offset, reason));
        }
    }

    private async Task PublishAsync(Dictionary<long, ReplayItem> items, List<ReplayedMessage> copied)
    {
        foreach (StagedCopy copy in await _copies.PublishAsync())
        {
            long offset = copy.Order.Offset;
            if (copy.Failure is { } failure)
            {
                items.Add(offset, ReplayItem.Failed(offset, failure));
                continue;
            }

            items.Add(offset, new ReplayItem(offset, ReplayOutcome.Replayed, copy.Link, null));
            copied.Add(new ReplayedMessage(copy.Order, copy.Link));
            Copied?.Add(copy.Link, copy.Incarnation!);
        }
    }

    private async Task FinishAsync(QueueSubscription? mover, List<ReplayedMessage> copied, Dictionary<long, ReplayItem> items)
    {
        if (mover is null && copied.Count == 0) return;
        IReadOnlyList<long> kept;
        try
        {
            kept = await deadLetters.ChangeAsync(partition => partition.FinishReplay(mover, copied), alsoInOutage: true);
        }
        catch (PartitionNotServingException)
        {
            // It has ended as if by a crash: what it had leased is ready when it is loaded again.
            kept = mover is null ? [] : [.. copied.Select(static copy => copy.Order.Offset)];
        }

        foreach (long offset in kept) items[offset] = items[offset] with { Reason = KeptText };
    }
}
