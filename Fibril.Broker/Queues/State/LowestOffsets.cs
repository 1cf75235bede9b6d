using Fibril.Broker.Queues.Inspection;

namespace Fibril.Broker.Queues.State;

/// <summary>Keeps the messages with the lowest offsets, out of any number that are shown to it in any order.</summary>
internal sealed class LowestOffsets(int capacity)
{
    private static readonly Comparer<long> HighestFirst = Comparer<long>.Create(static (left, right) => right.CompareTo(left));

    private readonly PriorityQueue<MessageState, long> _kept = new(HighestFirst);

    /// <summary>False for an offset that is higher than all that are kept, when there is room for no more.</summary>
    public bool Takes(long offset) => _kept.Count < capacity || (_kept.TryPeek(out _, out long highest) && offset < highest);

    /// <summary>Keeps a message that <see cref="Takes"/>, in place of the highest one when there is no room beside it.</summary>
    public void Add(MessageState state)
    {
        if (_kept.Count < capacity) _kept.Enqueue(state, state.Offset);
        else _kept.DequeueEnqueue(state, state.Offset);
    }

    public List<MessageState> ToSorted()
    {
        var sorted = new List<MessageState>(_kept.UnorderedItems.Select(static item => item.Element));
        sorted.Sort(static (left, right) => left.Offset.CompareTo(right.Offset));
        return sorted;
    }
}
