namespace Fibril.Broker.Queues.State;

/// <summary>When messages that are ready again were due, until they are handed over: of a bounded number of them, which is enough to see lateness.</summary>
/// <remarks>Belongs to the partition loop.</remarks>
internal sealed class DueTimes
{
    private const int Most = 1024;

    private readonly Dictionary<long, long> _dueMs = [];

    /// <summary>Notes that a message is due; unless too many wait already.</summary>
    public void Note(long offset, long unixMs)
    {
        if (_dueMs.Count < Most) _dueMs[offset] = unixMs;
    }

    /// <summary>When a message that is handed over was due, in Unix milliseconds; null for one that was not late, or is not known.</summary>
    public long? Take(long offset) => _dueMs.Count > 0 && _dueMs.Remove(offset, out long due) ? due : null;

    /// <summary>A message was settled, or given up, without being handed over.</summary>
    public void Forget(long offset)
    {
        if (_dueMs.Count > 0) _dueMs.Remove(offset);
    }

    public void Clear() => _dueMs.Clear();
}
