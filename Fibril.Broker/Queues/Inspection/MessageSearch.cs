using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Inspection;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.Inspection;

/// <summary>A message that a search has found.</summary>
internal sealed record FoundMessage(int Partition, MessageState State, MessageContent Content);

/// <summary>Looks for messages of a queue by what is in them, and changes none. One piece of one search; one call.</summary>
internal sealed class MessageSearch(IPartitionVisits partitions, TimeProvider time, SearchRequest request, StatusFilter statuses)
{
    private const int MessagesPerLook = 256;

    private readonly SearchBudget _budget = new(time, request);
    private readonly List<FoundMessage> _found = [];
    private bool _isPast; // nothing more of this partition can be wanted

    /// <summary>Looks as far as the request allows; blocks its thread on the disk.</summary>
    /// <inheritdoc cref="MessageInspector.InspectAsync"/>
    public async Task<SearchPage<FoundMessage>> RunAsync(CancellationToken cancellationToken)
    {
        foreach (SearchPlace place in request.Left(partitions.Find(request.Channel)?.PartitionCount ?? 0))
        {
            if (_budget.IsSpent) return new SearchPage<FoundMessage>(_found, _budget.Examined, place);
            if (await SearchAsync(place, cancellationToken) is { } next) return new SearchPage<FoundMessage>(_found, _budget.Examined, place with { Offset = next });
        }

        return new SearchPage<FoundMessage>(_found, _budget.Examined, Next: null);
    }

    /// <returns>Where to go on in this partition; null when it was looked through.</returns>
    private async Task<long?> SearchAsync(SearchPlace place, CancellationToken cancellationToken)
    {
        using PartitionLease<QueuePartition> visit = await partitions.VisitAsync(new PartitionId(request.Channel, place.Partition));
        long next = place.Offset;
        if (next == 0 && request.Condition.FromMs is { } from) next = (await TimeFinder.FindAsync(visit.Partition, from, cancellationToken)).Offset;
        _isPast = false;
        while (true)
        {
            long first = next;
            InspectionSlice slice = await visit.Partition.AskAsync(partition => partition.Find(first, MessagesPerLook, statuses), cancellationToken);
            next = Take(place.Partition, slice);
            if (_isPast || next >= slice.EndOffset) return null;
            if (_budget.IsSpent) return next;
        }
    }

    /// <summary>Looks at what was found by its state, and says where the next look begins.</summary>
    private long Take(int partition, InspectionSlice slice)
    {
        int state = 0;
        using var reader = new RunReader(slice.Messages, slice.Runs);
        while (!_isPast && !_budget.IsSpent && reader.ReadNext() is { } block)
        {
            using (block)
            {
                Take(partition, block, slice.States, ref state);
                _budget.Read(block.Length);
            }
        }

        return reader.GoneFrom ?? (_budget.IsSpent && state < slice.States.Count ? slice.States[state].Offset : slice.NextOffset);
    }

    private void Take(int partition, RecordBlock block, IReadOnlyList<MessageState> states, ref int state)
    {
        for (int i = 0; i < block.Count && !_budget.IsSpent; i++)
        {
            Record record = block[i];
            while (state < states.Count && states[state].Offset < record.Offset) state++; // not stored any more
            if (state == states.Count) return;
            if (states[state].Offset > record.Offset || record.Kind != MessageRecord.Kind) continue;
            _isPast = request.Condition.IsPast(record.Timestamp);
            if (_isPast) return;
            _budget.Look();
            if (request.Condition.IsMetBy(record))
            {
                MessageContent content = MessageContent.Of(record, request.PreviewBytes);
                _found.Add(new FoundMessage(partition, states[state], content));
                _budget.Find(content);
            }

            state++;
        }
    }
}
