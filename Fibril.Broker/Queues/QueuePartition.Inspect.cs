using Fibril.Broker.Channels;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Queues;

// What an operator wants to know is looked up here, on the loop, and changes nothing. The payloads are read elsewhere, by the plans that are
// made here.
internal sealed partial class QueuePartition
{
    // A gap between two wanted messages is read over when it costs less than finding the second one.
    private const long BridgedBytes = 32 << 10;

    /// <summary>Why nobody is answered now, as the text of an error; null while the partition serves. Thread-safe.</summary>
    public string? NotServingBecause => ParkedBecause ?? OutageText;

    /// <summary>Asks something that is looked up on the loop. Thread-safe.</summary>
    /// <exception cref="PartitionNotServingException">The partition is parked, stopping, or has lost its files for a while.</exception>
    public async Task<T> AskAsync<T>(Func<QueuePartition, T> question, CancellationToken cancellationToken = default)
    {
        var query = new QueueQuery<T>(question);
        await PostAsync(query, cancellationToken);
        return await query.Answer.WaitAsync(cancellationToken);
    }

    /// <summary>Changes something on the loop. Thread-safe.</summary>
    /// <inheritdoc cref="AskAsync"/>
    public async Task<T> ChangeAsync<T>(Func<QueuePartition, T> change, bool waitsForDisk = false, bool alsoInOutage = false)
    {
        var command = new QueueChange<T>(change) { WaitsForDisk = waitsForDisk, AlsoInOutage = alsoInOutage };
        await PostAsync(command, CancellationToken.None);
        return await command.Answer;
    }

    /// <summary>Finds the messages from an offset on that have one of the wanted states, and plans the read of their records.</summary>
    internal InspectionSlice Find(long from, int max, StatusFilter wanted)
    {
        // What was settled before that has no record any more, and nothing else is there (S-28).
        from = Math.Max(from, _messages.StartOffset);
        List<MessageState> states = _state.Find(from, max + 1, wanted, WallClockOf);
        long next = _state.MessageEnd;
        if (states.Count > max)
        {
            next = states[max].Offset;
            states.RemoveAt(max);
        }

        return new InspectionSlice(_messages, states, PlanRuns(states.Select(static state => state.Offset)), next, _state.MessageEnd);
    }

    /// <summary>What is known of one message, and the reads that its story takes; null when no message has this offset yet.</summary>
    internal StorySlice? PlanStory(long offset)
    {
        if (!_state.StatesOf([offset], WallClockOf).TryGetValue(offset, out MessageState? state)) return null;
        var events = new List<PlannedRun>();
        PlanRun(events, _events, new OffsetRange(_events.StartOffset, _events.DurableEnd), ReadBytes);
        return new StorySlice(
            state, _messages, offset < _messages.StartOffset ? [] : PlanRuns([offset]), _events, events,
            EventsFromTheFirst: _events.StartOffset == 0, _now.UnixMs);
    }

    private List<PlannedRun> PlanRuns(IEnumerable<long> ascending)
    {
        var runs = new List<PlannedRun>();
        long bridged = BridgedBytes / _averageRecordBytes;
        OffsetRange run = default;
        foreach (long offset in ascending)
        {
            if (run.Count > 0 && offset - run.End > bridged)
            {
                PlanRun(runs, run);
                run = default;
            }

            run = new OffsetRange(run.Count == 0 ? offset : run.Start, offset + 1);
        }

        if (run.Count > 0) PlanRun(runs, run);
        return runs;
    }

    private void PlanRun(List<PlannedRun> runs, OffsetRange run) =>
        PlanRun(runs, _messages, run, (int)Math.Clamp(run.Count * _averageRecordBytes, SmallestReadBytes, ReadBytes));

    /// <summary>A read belongs to one segment, so a run that spans several is planned in parts.</summary>
    private static void PlanRun(List<PlannedRun> runs, SegmentedLog log, OffsetRange run, int bytes)
    {
        while (run.Count > 0)
        {
            ReadPlan plan = log.PlanRead(run.Start, bytes);
            long end = Math.Clamp(plan.Segment.EndOffset, run.Start + 1, run.End);
            runs.Add(new PlannedRun(plan, end));
            run = run with { Start = end };
        }
    }

    /// <summary>A deadline of the timer clock as operators read it.</summary>
    private long WallClockOf(long timestamp) =>
        _now.UnixMs + (long)_environment.Time.GetElapsedTime(_now.Timestamp, timestamp).TotalMilliseconds;
}
