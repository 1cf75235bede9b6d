using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.State;
using Fibril.Broker.Queues.Storage;

namespace Fibril.Broker.Queues.Inspection;

/// <summary>Picks out of event records what they say of one message, and keeps the newest of it.</summary>
internal sealed class EventsOfOne(long wanted) : IQueueEventVisitor
{
    private const int MostEvents = 1000;

    private readonly List<StoryEvent> _events = [];
    private long _atMs;
    private bool _returnIsOwed;

    /// <summary>In the order they happened in.</summary>
    public IReadOnlyList<StoryEvent> Events => _events;

    public int OmittedCount { get; private set; }

    public void Read(in Record record)
    {
        _atMs = record.Timestamp;
        QueueEventReader.Read(record, this);
    }

    public void Settled(OffsetRange offsets, SettleReason reason)
    {
        if (offsets.Contains(wanted)) Add(new StoryEvent(StoryEventKind.Settled, _atMs) { Reason = EventNames.Of(reason) });
    }

    public void Retried(long offset, int retries, long notBefore)
    {
        if (offset != wanted) return;
        Add(new StoryEvent(StoryEventKind.Retried, _atMs) { Retries = retries, NotBeforeMs = notBefore > 0 ? notBefore : null });
        _returnIsOwed = true;
    }

    public void DeadLettered(OffsetRange offsets, DeadLetterReason reason)
    {
        if (offsets.Contains(wanted)) Add(new StoryEvent(StoryEventKind.DeadLettered, _atMs) { Reason = EventNames.Of(reason) });
    }

    public void CopyBegun(OffsetRange offsets)
    {
        if (offsets.Contains(wanted)) Add(new StoryEvent(StoryEventKind.CopyBegun, _atMs));
    }

    public void Returned(OffsetRange offsets, ReturnCause cause, string holder)
    {
        if (!offsets.Contains(wanted)) return;
        var returned = new StoryEvent(StoryEventKind.Returned, _atMs) { Reason = EventNames.Of(cause), Holder = holder };
        if (_returnIsOwed && cause == ReturnCause.Retried) AddBeforeLast(returned);
        else Add(returned);
    }

    public void Copied(long offset, PartitionId target, long offsetInTarget)
    {
        if (offset != wanted) return;
        var copied = new StoryEvent(StoryEventKind.Copied, _atMs) { Copy = new MessageLink(target, offsetInTarget) };
        if (_events.Count > 0 && _events[^1].Kind == StoryEventKind.Settled) AddBeforeLast(copied);
        else Add(copied);
    }

    /// <summary>The events of one turn are sorted by their kinds, which puts a return and a copy behind what they have led to.</summary>
    private void AddBeforeLast(StoryEvent cause)
    {
        StoryEvent consequence = _events[^1];
        _events[^1] = cause;
        Add(consequence);
    }

    private void Add(StoryEvent happened)
    {
        _returnIsOwed = false;
        _events.Add(happened);
        if (_events.Count <= MostEvents) return;
        _events.RemoveAt(0);
        OmittedCount++;
    }
}
