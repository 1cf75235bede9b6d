using Fibril.Broker.Log;

namespace Fibril.Broker.Queues.Inspection;

/// <summary>Finds the first message of a partition that was received at a time or later. Thread-safe.</summary>
internal static class TimeFinder
{
    /// <summary>Finds a time; blocks its thread on the disk.</summary>
    /// <param name="partition">Held by the caller.</param>
    /// <param name="atMs">Unix milliseconds of the broker's clock.</param>
    /// <param name="cancellationToken">Gives up between two reads.</param>
    /// <exception cref="Channels.PartitionNotServingException">The partition answers nobody now.</exception>
    /// <exception cref="IOException">A stored message cannot be read.</exception>
    public static async Task<FoundTime> FindAsync(QueuePartition partition, long atMs, CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSearch search = await partition.AskAsync(asked => asked.PlanTimeSearch(atMs), cancellationToken);
            try
            {
                long near = search.FindNear();
                IReadOnlyList<PlannedRun> runs = near >= search.EndOffset ? [] : await partition.AskAsync(asked => asked.PlanReadFrom(near), cancellationToken);
                if (search.FindExactly(near, runs, cancellationToken) is { } found) return found;
            }
            catch (SegmentGoneException)
            {
                // It was given up since: what is still stored is looked at anew.
            }
        }
    }
}
