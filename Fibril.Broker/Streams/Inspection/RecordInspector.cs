using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Inspection;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Streams.Inspection;

/// <summary>Shows records of streams to operators: a page, those that a search finds, or the place of a time. Moves no cursor. Thread-safe.</summary>
/// <remarks>Reads block their threads on the disk.</remarks>
internal sealed class RecordInspector(StreamRegistry streams, TimeProvider time)
{
    private const int RecordsPerLook = 1024;

    /// <summary>Reads one page of a partition: a search that everything meets, and that ends with the page.</summary>
    /// <exception cref="UnknownStreamException">There is no such stream, or partition.</exception>
    /// <exception cref="PartitionUnavailableException">Its files cannot be read.</exception>
    /// <exception cref="PartitionNotServingException">It answers nobody now.</exception>
    /// <exception cref="IOException">A stored record cannot be read.</exception>
    public async Task<RecordPage> ReadAsync(PartitionId id, long from, int limit, int? previewBytes, CancellationToken cancellationToken)
    {
        using PartitionLease<StreamPartition> visit = await streams.AcquireAsync(id, PartitionUse.Visit);
        var request = new SearchRequest(id.Queue, new MessageCondition()) { Limit = limit, PreviewBytes = previewBytes };
        var look = new RecordLook(request, new SearchBudget(time, request));
        RecordSlice slice;
        do
        {
            long first = from;
            slice = await visit.Partition.AskAsync(partition => partition.PlanRecords(first, request.Limit)).WaitAsync(cancellationToken);
            from = look.Take(id.Partition, slice);
        }
        while (from < slice.EndOffset && !look.IsDone);
        return new RecordPage(look.Found, request.Limit, from, slice.StartOffset, slice.EndOffset);
    }

    /// <summary>Looks through a stream as far as a request allows.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task<SearchPage<FoundRecord>> SearchAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        var budget = new SearchBudget(time, request);
        var look = new RecordLook(request, budget);
        foreach (SearchPlace place in request.Left(streams.Catalogue.Find(request.Channel)?.PartitionCount ?? 0))
        {
            if (look.IsDone) return new SearchPage<FoundRecord>(look.Found, budget.Examined, place);
            if (await SearchAsync(request, look, place, cancellationToken) is { } next)
                return new SearchPage<FoundRecord>(look.Found, budget.Examined, place with { Offset = next });
        }

        return new SearchPage<FoundRecord>(look.Found, budget.Examined, Next: null);
    }

    /// <summary>The first record that was received at a time or later.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task<FoundTime> FindTimeAsync(PartitionId id, long atMs, CancellationToken cancellationToken)
    {
        using PartitionLease<StreamPartition> visit = await streams.AcquireAsync(id, PartitionUse.Visit);
        return await FindTimeAsync(visit.Partition, atMs, cancellationToken);
    }

    private static async Task<FoundTime> FindTimeAsync(StreamPartition partition, long atMs, CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSearch search = await partition.AskAsync(asked => asked.PlanTimeSearch(atMs)).WaitAsync(cancellationToken);
            try
            {
                long near = search.FindNear();
                RecordSlice slice = await partition.AskAsync(asked => asked.PlanRecords(near, long.MaxValue)).WaitAsync(cancellationToken);
                if (search.FindExactly(near, slice.Runs, cancellationToken) is { } found) return found;
            }
            catch (SegmentGoneException)
            {
                // Retention took it: what is still kept is looked at anew.
            }
        }
    }

    /// <returns>Where to go on in this partition; null when it was looked through.</returns>
    private async Task<long?> SearchAsync(SearchRequest request, RecordLook look, SearchPlace place, CancellationToken cancellationToken)
    {
        using PartitionLease<StreamPartition> visit = await streams.AcquireAsync(new PartitionId(request.Channel, place.Partition), PartitionUse.Visit);
        long next = place.Offset;
        if (next == 0 && request.Condition.FromMs is { } from) next = (await FindTimeAsync(visit.Partition, from, cancellationToken)).Offset;
        while (true)
        {
            long first = next;
            RecordSlice slice = await visit.Partition.AskAsync(partition => partition.PlanRecords(first, RecordsPerLook)).WaitAsync(cancellationToken);
            next = look.Take(place.Partition, slice);
            if (look.IsPast || next >= slice.EndOffset) return null;
            if (look.IsDone) return next;
        }
    }
}
