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

        return new InspectionSlice(_messages, states, PlanRuns(states.Select(static state => state.Offset)), next, _messages.StartOffset, _state.MessageEnd);
    }

    /// <summary>As <see cref="Find"/>, of the messages before an offset only; one more than <paramref name="max"/> says that there are too many.</summary>
    internal InspectionSlice FindWithin(long from, long end, int max, StatusFilter wanted)
    {
        from = Math.Max(from, _messages.StartOffset);
        List<MessageState> states = _state.Find(from, max + 1, wanted, WallClockOf);
        states.RemoveAll(state => state.Offset >= end);
        return new InspectionSlice(
            _messages, states, states.Count > max ? [] : PlanRuns(states.Select(static state => state.Offset)), from, _messages.StartOffset, _state.MessageEnd);
    }

    /// <summary>As <see cref="FindWithin"/>, in a window of offsets that ends before <paramref name="end"/> or at the newest message.</summary>
    internal InspectionSlice FindNewest(long end, long width, int max, StatusFilter wanted)
    {
        end = Math.Min(end, _state.MessageEnd);
        return FindWithin(end - width, end, max, wanted);
    }

    /// <summary>Plans the search for the first message that was received at a time or later.</summary>
    internal TimeSearch PlanTimeSearch(long timestamp) => new(_messages, _messages.PlanTimeSearch(timestamp), _messages.StartOffset, _state.MessageEnd);

    /// <summary>Plans the read of everything that is stored from an offset on.</summary>
    internal IReadOnlyList<PlannedRun> PlanReadFrom(long offset)
    {
        var runs = new List<PlannedRun>();
        _messages.PlanRun(runs, new OffsetRange(Math.Max(offset, _messages.StartOffset), _state.MessageEnd), SmallestReadBytes);
        return runs;
    }

    /// <summary>What is known of one message, and the reads that its story takes; null when no message has this offset yet.</summary>
    internal StorySlice? PlanStory(long offset)
    {
        if (!_state.StatesOf([offset], WallClockOf).TryGetValue(offset, out MessageState? state)) return null;
        var events = new List<PlannedRun>();
        _events.PlanRun(events, new OffsetRange(_events.StartOffset, _events.DurableEnd), ReadBytes);
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
        _messages.PlanRun(runs, run, (int)Math.Clamp(run.Count * _averageRecordBytes, SmallestReadBytes, ReadBytes));

    /// <summary>A deadline of the timer clock as operators read it.</summary>
    private long WallClockOf(long timestamp) =>
        _now.UnixMs + (long)_environment.Time.GetElapsedTime(_now.Timestamp, timestamp).TotalMilliseconds;
}
