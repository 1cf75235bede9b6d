using Fibril.Broker.Admin.Explaining;
using Fibril.Broker.Channels;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;

namespace Fibril.Broker.Admin.Attention;

/// <summary>A partition whose first ready message has not moved for a while although somebody is subscribed.</summary>
internal sealed record Stall(PartitionId Partition, TimeSpan For, IReadOnlyList<Finding> Why);

/// <summary>Notices queues that stand still. One look at a time.</summary>
/// <remarks>
/// Messages are handed out in the order of their offsets, so nothing was handed out while the first ready one is the same. Partitions are asked
/// only when they show something ready and a consumer.
/// </remarks>
internal sealed class StallDetector(QueueRegistry queues, TimeProvider time)
{
    private static readonly TimeSpan StandsStillAfter = TimeSpan.FromSeconds(30);

    private readonly Dictionary<PartitionId, (long FirstReady, long Since)> _seen = [];
    private readonly Dictionary<PartitionId, (Task<QueuePartitionStatus> Answer, long Since)> _asked = [];

    public async Task<IReadOnlyList<Stall>> LookAsync(CancellationToken cancellationToken)
    {
        var stalls = new List<Stall>();
        var present = new HashSet<PartitionId>();
        foreach (QueuePartition partition in queues.Loaded)
        {
            if (partition.Gauges.Ready == 0 || partition.Gauges.Subscriptions == 0) continue;
            if (await AskAsync(partition, cancellationToken) is not { } asked) continue;
            if (asked.Silent is { } silent)
            {
                stalls.Add(silent);
                continue;
            }

            QueuePartitionStatus status = asked.Status!;
            if (status.Ready.First is not { } first) continue;
            present.Add(partition.Id);
            if (!_seen.TryGetValue(partition.Id, out (long FirstReady, long Since) seen) || seen.FirstReady != first)
            {
                _seen[partition.Id] = (first, time.GetTimestamp());
                continue;
            }

            TimeSpan standsStill = time.GetElapsedTime(seen.Since);
            if (standsStill < StandsStillAfter) continue;
            stalls.Add(new Stall(partition.Id, standsStill, [.. new PartitionFindings(status, time.GetUtcNow().ToUnixTimeMilliseconds()).Find()]));
        }

        foreach (PartitionId gone in _seen.Keys.Where(id => !present.Contains(id)).ToList()) _seen.Remove(gone);
        return stalls;
    }

    /// <summary>Asks a partition; one that does not answer is not asked a second time before it has.</summary>
    /// <returns>Null for one that serves nobody, which is told elsewhere.</returns>
    private async Task<(QueuePartitionStatus? Status, Stall? Silent)?> AskAsync(QueuePartition partition, CancellationToken cancellationToken)
    {
        if (!_asked.TryGetValue(partition.Id, out (Task<QueuePartitionStatus> Answer, long Since) question))
            _asked[partition.Id] = question = (partition.DescribeAsync(CancellationToken.None), time.GetTimestamp());
        try
        {
            QueuePartitionStatus status = await question.Answer.WaitAsync(PartitionQuestions.LongestAnswer, time, cancellationToken);
            _asked.Remove(partition.Id);
            return (status, null);
        }
        catch (TimeoutException)
        {
            return (null, new Stall(partition.Id, time.GetElapsedTime(question.Since), [PartitionQuestions.Silence]));
        }
        catch (PartitionNotServingException)
        {
            _asked.Remove(partition.Id);
            return null;
        }
    }
}
