using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.Replay;

/// <summary>Replays dead letters that an operator has picked one by one (D-60 to D-66). Thread-safe.</summary>
internal sealed class OffsetReplay(IPartitionVisits partitions, TimeProvider time)
{
    public const int MostOffsets = 100;

    /// <summary>Replays dead letters; each is in the report, replayed or with the reason why not.</summary>
    /// <param name="deadLetters">Where they are.</param>
    /// <param name="offsets">Which.</param>
    /// <param name="mode">What becomes of them.</param>
    /// <param name="target">Where to, for any message; null for where each dead letter came from.</param>
    /// <exception cref="ArgumentException">None or too many were named, or there is no such partition. The message is fit for operators.</exception>
    /// <exception cref="PartitionUnavailableException">The files of the dead letters cannot be read.</exception>
    /// <exception cref="PartitionNotServingException">Their partition answers nobody now; nothing was done.</exception>
    public async Task<ReplayReport> RunAsync(PartitionId deadLetters, IReadOnlyList<long> offsets, ReplayMode mode, QueueName? target = null)
    {
        OffsetList.Check(offsets, "replay");
        using PartitionLease<QueuePartition> visit = await partitions.VisitAsync(deadLetters);
        var replay = new DeadLetterReplay(visit.Partition, partitions, time, mode, "a replay", target);
        Dictionary<long, ReplayItem> items = await replay.RunAsync([.. offsets.Distinct().Order()]);
        HashSet<long> seen = [];
        return new ReplayReport(
            [.. offsets.Select(offset => seen.Add(offset) ? items[offset] : ReplayItem.Skipped(offset, "it is named twice in this request"))]);
    }
}

/// <summary>Offsets that an operator has picked.</summary>
internal static class OffsetList
{
    /// <exception cref="ArgumentException">There are none, or too many.</exception>
    public static void Check(IReadOnlyList<long> offsets, string verb)
    {
        if (offsets.Count == 0) throw new ArgumentException($"There is no offset to {verb}; name 1 to {OffsetReplay.MostOffsets} of them.");
        if (offsets.Count > OffsetReplay.MostOffsets)
        {
            throw new ArgumentException(
                $"{offsets.Count} offsets are too many for one request; name at most {OffsetReplay.MostOffsets}, or use a filter.");
        }
    }
}
