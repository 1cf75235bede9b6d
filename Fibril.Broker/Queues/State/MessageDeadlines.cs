namespace Fibril.Broker.Queues.State;

/// <summary>When messages with a time to live expire, in Unix milliseconds: an entry for each, gone when the message is.</summary>
internal sealed class MessageDeadlines
{
    private const int SmallestRebuild = 1024;

    private readonly Dictionary<long, long> _deadlines = [];
    private readonly PriorityQueue<long, long> _byDeadline = new();

    public int Count => _deadlines.Count;

    public IEnumerable<KeyValuePair<long, long>> All => _deadlines;

    /// <summary>The earliest deadline that <see cref="TryTakeDue"/> has not given out; null without any. May belong to a settled message.</summary>
    public long? Earliest => _byDeadline.TryPeek(out _, out long deadline) ? deadline : null;

    public void Add(long offset, long deadline)
    {
        _deadlines.Add(offset, deadline);
        _byDeadline.Enqueue(offset, deadline);
    }

    public bool HasPassed(long offset, long unixMs) =>
        _deadlines.Count > 0 && _deadlines.TryGetValue(offset, out long deadline) && deadline <= unixMs;

    public void Remove(long offset)
    {
        if (_deadlines.Count == 0 || !_deadlines.Remove(offset)) return;

        // The heap cannot give up an entry in its middle. Rebuilding it when half of it is stale keeps memory in step with messages.
        if (_byDeadline.Count < SmallestRebuild || _byDeadline.Count < _deadlines.Count * 2) return;
        _byDeadline.Clear();
        _byDeadline.EnqueueRange(_deadlines.Select(static pair => (pair.Key, pair.Value)));
    }

    /// <summary>Gives out, once, each message whose deadline has passed. The deadline itself stays until the message is removed.</summary>
    public bool TryTakeDue(long unixMs, out long offset)
    {
        while (_byDeadline.TryPeek(out offset, out long deadline) && deadline <= unixMs)
        {
            _byDeadline.Dequeue();
            if (_deadlines.ContainsKey(offset)) return true;
        }

        return false;
    }
}
