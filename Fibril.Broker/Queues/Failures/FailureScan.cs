using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Inspection;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Broker.Queues.Inspection;

namespace Fibril.Broker.Queues.Failures;

/// <summary>Looks at the dead letters of a queue from the newest to the oldest, and sorts them by their causes; changes none of them. Thread-safe.</summary>
/// <remarks>Reads on the side, as the dry run of a replay does: a short look on the loop of the partition for every few hundred messages, and their records off it.</remarks>
internal sealed class FailureScan(IPartitionVisits partitions, TimeProvider time)
{
    /// <summary>Sorts the dead letters of a queue; blocks its thread on the disk.</summary>
    /// <exception cref="UnknownPartitionException">There is no such queue, or partition.</exception>
    /// <exception cref="PartitionUnavailableException">Files of a partition cannot be read.</exception>
    /// <exception cref="PartitionNotServingException">A partition answers nobody now.</exception>
    /// <exception cref="IOException">A stored message cannot be read.</exception>
    public async Task<FailureReport> RunAsync(FailureQuestion question, CancellationToken cancellationToken)
    {
        var intervals = new CountedIntervals(question.Intervals, question.IntervalMs, time.GetUtcNow().ToUnixTimeMilliseconds());
        var groups = new FailureGroups(intervals);
        (int first, int end) = PartitionSpan.Of(question.Partition, partitions.Find(question.Queue)?.PartitionCount ?? 0);
        (long examined, bool isCut) = (0, false);
        for (int partition = first; partition < end; partition++)
        {
            // Every partition has its share, and what one leaves is there for the others.
            long share = Math.Max(1, (question.MostExamined - examined) / (end - partition));
            (long seen, bool isPartCut) = await ReadAsync(new PartitionId(question.Queue, partition), share, groups, cancellationToken);
            examined += seen;
            isCut |= isPartCut;
        }

        return new FailureReport(question, intervals, examined, isCut, groups.All, groups.Sorted, groups.Others);
    }

    private async Task<(long Examined, bool IsCut)> ReadAsync(PartitionId id, long most, FailureGroups groups, CancellationToken cancellationToken)
    {
        using PartitionLease<QueuePartition> visit = await partitions.VisitAsync(id);
        var walk = new BackwardWalk(visit.Partition, StatusFilter.Active);
        long examined = 0;
        while (await walk.NextAsync(cancellationToken) is { } slice)
        {
            if (examined >= most) return (examined, true);
            (long seen, long? goneFrom) = Read(id, slice, most - examined, groups);
            examined += seen;
            if (goneFrom is { } from) walk.Repeat(slice, from);
            else if (seen < slice.States.Count && examined >= most) return (examined, true);
        }

        return (examined, false);
    }

    /// <summary>Counts what one look has found: of more than are allowed, the newest.</summary>
    private static (long Examined, long? GoneFrom) Read(PartitionId id, InspectionSlice slice, long most, FailureGroups groups)
    {
        HashSet<long> wanted = [.. slice.States.TakeLast((int)Math.Min(most, slice.States.Count)).Select(static state => state.Offset)];
        var met = new List<(DeadLetterSource Source, FailureFingerprint Fingerprint, long Offset)>();
        long examined = 0;
        using var reader = new RunReader(slice.Messages, slice.Runs);
        while (reader.ReadNext() is { } block)
        {
            using (block)
            {
                for (int i = 0; i < block.Count; i++)
                {
                    Record record = block[i];
                    if (record.Kind != MessageRecord.Kind || !wanted.Contains(record.Offset)) continue;
                    examined++;
                    if (DeadLetterHeaders.Read(new StoredMessage(record).Headers) is { } source) met.Add((source, FailureFingerprint.Of(source, record), record.Offset));
                }
            }
        }

        // Read in their order, and counted the newest first: there may not be room for the causes of the oldest.
        for (int i = met.Count - 1; i >= 0; i--) groups.Add(met[i].Source, met[i].Fingerprint, new MessageLink(id, met[i].Offset));
        return (examined, reader.GoneFrom);
    }
}
