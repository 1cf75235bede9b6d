namespace Fibril.Broker.Queues.Producers;

/// <summary>A message that a producer has sent to the partition.</summary>
/// <param name="Sequence">The producer's number for it.</param>
/// <param name="Offset">Where it is, or was.</param>
/// <param name="Check">Hash of what it says.</param>
internal readonly record struct SentMessage(ulong Sequence, long Offset, ulong Check);

/// <summary>The latest messages of one producer, by their numbers. Not thread-safe.</summary>
/// <remarks>A number that grows, as in all but retries, costs no search. Between one and two times the limit are remembered.</remarks>
internal sealed class ProducerWindow
{
    private const int FirstCapacity = 8;

    private SentMessage[] _sent = new SentMessage[FirstCapacity]; // by ascending number
    private int _count;

    /// <summary>Unix milliseconds of the message that came last.</summary>
    public long LastMs { get; set; }

    public int Count => _count;

    public ReadOnlySpan<SentMessage> Sent => _sent.AsSpan(0, _count);

    /// <summary>Offset of the message when it was sent before; otherwise it is remembered under <paramref name="offset"/>.</summary>
    public long? Remember(ulong sequence, ulong check, long offset, int limit)
    {
        int index = _count == 0 || sequence > _sent[_count - 1].Sequence ? _count : Search(sequence);
        if (index >= 0 && index < _count && _sent[index].Sequence == sequence)
        {
            if (_sent[index].Check == check) return _sent[index].Offset;
            _sent[index] = new SentMessage(sequence, offset, check);
            return null;
        }

        Insert(index, new SentMessage(sequence, offset, check));
        if (_count >= 2 * limit) Trim(limit);
        return null;
    }

    /// <summary>Forgets a message that was not stored after all.</summary>
    public void Forget(ulong sequence, long offset)
    {
        int index = Search(sequence);
        if (index == _count || _sent[index].Sequence != sequence || _sent[index].Offset != offset) return;
        Sent[(index + 1)..].CopyTo(_sent.AsSpan(index));
        _count--;
    }

    /// <summary>Forgets every message from an offset on.</summary>
    public void ForgetFrom(long offset)
    {
        int kept = 0;
        foreach (SentMessage sent in Sent)
            if (sent.Offset < offset) _sent[kept++] = sent;
        _count = kept;
    }

    /// <summary>Keeps the newest only.</summary>
    public void Trim(int limit)
    {
        if (_count <= limit) return;
        Sent[(_count - limit)..].CopyTo(_sent);
        _count = limit;
        if (_sent.Length > 4 * limit) Array.Resize(ref _sent, 2 * limit);
    }

    /// <summary>Index of the first number that is not lower.</summary>
    private int Search(ulong sequence)
    {
        int low = 0;
        for (int high = _count; low < high;)
        {
            int middle = (low + high) / 2;
            if (_sent[middle].Sequence < sequence) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private void Insert(int index, SentMessage sent)
    {
        if (_count == _sent.Length) Array.Resize(ref _sent, _count * 2);
        Sent[index..].CopyTo(_sent.AsSpan(index + 1));
        _sent[index] = sent;
        _count++;
    }
}
