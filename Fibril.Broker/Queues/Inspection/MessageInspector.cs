using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.Inspection;

/// <summary>Shows the messages of a partition, a page at a time, and changes none of them (O-7). Thread-safe.</summary>
internal sealed class MessageInspector(IPartitionVisits partitions)
{
    /// <summary>Reads one page; blocks its thread on the disk.</summary>
    /// <param name="id">The partition; loaded first if need be (I-30).</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="cancellationToken">Ends the search between two looks at the partition.</param>
    /// <exception cref="UnknownPartitionException">There is no such partition.</exception>
    /// <exception cref="PartitionUnavailableException">Its files cannot be read.</exception>
    /// <exception cref="PartitionNotServingException">It answers nobody now.</exception>
    /// <exception cref="IOException">A stored message cannot be read.</exception>
    public async Task<InspectionPage> InspectAsync(PartitionId id, InspectionRequest request, CancellationToken cancellationToken)
    {
        using PartitionLease<QueuePartition> visit = await partitions.VisitAsync(id);
        var page = new PageBuilder(request);
        while (!page.IsDone)
        {
            (long from, int room) = (page.NextOffset, page.Room);
            InspectionSlice slice = await visit.Partition.AskAsync(partition => partition.Find(from, room, request.Statuses), cancellationToken);
            page.Take(slice);
        }

        return page.Build();
    }
}
