using Fibril.Broker.Channels.Inspection;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;

namespace Fibril.Broker.Streams.Inspection;

/// <summary>Takes the records that are wanted out of what was planned, within a budget. Not thread-safe.</summary>
internal sealed class RecordLook(SearchRequest request, SearchBudget budget)
{
    private readonly List<FoundRecord> _found = [];

    public IReadOnlyList<FoundRecord> Found => _found;

    /// <summary>True when the request is to be answered with what there is.</summary>
    public bool IsDone => budget.IsSpent;

    /// <summary>True when the last slice held a record behind everything that can be wanted.</summary>
    public bool IsPast { get; private set; }

    /// <summary>Looks at the records of a slice, as far as the budget goes. Blocks on the disk.</summary>
    /// <returns>Where the next look begins.</returns>
    public long Take(int partition, RecordSlice slice)
    {
        IsPast = false;
        long next = slice.From;
        using var reader = new RunReader(slice.Log, slice.Runs);
        while (!IsPast && !IsDone && reader.ReadNext() is { } block)
        {
            using (block)
            {
                next = Take(partition, block, next, slice.NextOffset);
                budget.Read(block.Length);
            }
        }

        // Offsets that a gap in the log stands for, and records that retention took meanwhile, are passed over.
        return IsDone || IsPast ? next : Math.Max(next, reader.GoneFrom is null ? slice.NextOffset : next);
    }

    private long Take(int partition, RecordBlock block, long next, long end)
    {
        for (int i = 0; i < block.Count; i++)
        {
            Record record = block[i];
            if (record.Offset < next) continue;
            if (record.Offset >= end || IsDone) break;
            next = record.Offset + 1;
            if (record.Kind != MessageRecord.Kind) continue;
            IsPast = request.Condition.IsPast(record.Timestamp);
            if (IsPast) break;
            budget.Look();
            if (!request.Condition.IsMetBy(record)) continue;
            MessageContent content = MessageContent.Of(record, request.PreviewBytes);
            _found.Add(new FoundRecord(partition, record.Offset, content));
            budget.Find(content);
        }

        return next;
    }
}
