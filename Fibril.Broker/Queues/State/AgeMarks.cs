namespace Fibril.Broker.Queues.State;

/// <summary>About when messages were received, for operators: a few offsets whose times are known, and every other is as old as the one before it.</summary>
/// <remarks>Never says that a message is younger than it is. Memory is bounded, so marks get sparser as a backlog grows. Belongs to the partition loop.</remarks>
internal sealed class AgeMarks
{
    private const int Most = 256;

    private readonly List<(long Offset, long UnixMs)> _marks = [];
    private long _shortestMs = 100;

    /// <summary>Notes when a message was received. Mostly of the newest; of older ones when they are read.</summary>
    public void Note(long offset, long unixMs)
    {
        int after = IndexAfter(offset);
        if (after > 0 && (_marks[after - 1].Offset == offset || unixMs - _marks[after - 1].UnixMs < _shortestMs)) return;
        _marks.Insert(after, (offset, unixMs));
        if (_marks.Count > Most) Thin();
    }

    /// <summary>Forgets what is only known of messages before <paramref name="offset"/>.</summary>
    public void ForgetBefore(long offset)
    {
        int last = IndexAfter(offset) - 1;
        if (last > 0) _marks.RemoveRange(0, last);
    }

    /// <summary>When a message was received at the earliest, in Unix milliseconds; null when nothing is known of it.</summary>
    public long? TimeOf(long offset) => IndexAfter(offset) is > 0 and int after ? _marks[after - 1].UnixMs : null;

    private int IndexAfter(long offset)
    {
        if (_marks.Count > 0 && _marks[^1].Offset <= offset) return _marks.Count;
        int low = 0;
        int high = _marks.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_marks[middle].Offset <= offset) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>Every other mark goes, and the next ones come half as often.</summary>
    private void Thin()
    {
        int kept = 0;
        for (int i = 0; i < _marks.Count; i += 2) _marks[kept++] = _marks[i];
        _marks.RemoveRange(kept, _marks.Count - kept);
        _shortestMs *= 2;
    }
}
