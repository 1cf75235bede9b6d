namespace Fibril.Broker.Queues.State;

/// <summary>When messages with a time to live expire, in Unix milliseconds: an entry for each, gone when the message is.</summary>
internal sealed class MessageDeadlines
{
    private const int SmallestRebuild = 1024;

    private readonly Dictionary<long, MessageDeadline> _deadlines = [];
    private readonly PriorityQueue<long, long> _byDeadline = new();

    public int Count => _deadlines.Count;

    public IEnumerable<(long Offset, long Deadline)> All => _deadlines.Select(static entry => (entry.Key, entry.Value.UnixMs));

    /// <summary>The earliest deadline that <see cref="TryTakeDue"/> has not given out; null without any. May belong to a settled message.</summary>
    public long? Earliest => _byDeadline.TryPeek(out _, out long deadline) ? deadline : null;

    public void Add(long offset, long deadline)
    {
        _deadlines.Add(offset, new MessageDeadline(deadline, IsWatched: true));
        _byDeadline.Enqueue(offset, deadline);
    }

    /// <summary>When a message expires, Unix milliseconds; null for never.</summary>
    public long? DeadlineOf(long offset) => _deadlines.TryGetValue(offset, out MessageDeadline deadline) ? deadline.UnixMs : null;

    public bool HasPassed(long offset, long unixMs) =>
        _deadlines.Count > 0 && _deadlines.TryGetValue(offset, out MessageDeadline deadline) && deadline.UnixMs <= unixMs;

    /// <summary>As <see cref="HasPassed"/>, for a message that comes back: one that was given out already, and has not expired, is watched again.</summary>
    /// <remarks>The wall clock was set back in between.</remarks>
    public bool PassedOrWatch(long offset, long unixMs)
    {
        if (_deadlines.Count == 0 || !_deadlines.TryGetValue(offset, out MessageDeadline deadline)) return false;
        if (deadline.UnixMs <= unixMs) return true;
        if (deadline.IsWatched) return false;
        _deadlines[offset] = deadline with { IsWatched = true };
        _byDeadline.Enqueue(offset, deadline.UnixMs);
        return false;
    }

    public void Remove(long offset)
    {
        if (_deadlines.Count == 0 || !_deadlines.Remove(offset)) return;

        // The heap cannot give up an entry in its middle. Rebuilding it when half of it is stale keeps memory in step with messages.
        if (_byDeadline.Count < SmallestRebuild || _byDeadline.Count < _deadlines.Count * 2) return;
        _byDeadline.Clear();
        _byDeadline.EnqueueRange(_deadlines.Where(static entry => entry.Value.IsWatched).Select(static entry => (entry.Key, entry.Value.UnixMs)));
    }

    /// <summary>Gives out, once, each message whose deadline has passed. The deadline itself stays until the message is removed.</summary>
    public bool TryTakeDue(long unixMs, out long offset)
    {
        while (_byDeadline.TryPeek(out offset, out long deadline) && deadline <= unixMs)
        {
            _byDeadline.Dequeue();
            if (!_deadlines.TryGetValue(offset, out MessageDeadline due)) continue;
            _deadlines[offset] = due with { IsWatched = false };
            return true;
        }

        return false;
    }

    /// <param name="UnixMs">When the message expires.</param>
    /// <param name="IsWatched">False when the message was given out and not removed: it is leased or delayed.</param>
    private readonly record struct MessageDeadline(long UnixMs, bool IsWatched);
}
