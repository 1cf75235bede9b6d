namespace Fibril.Client.Consuming;

/// <summary>Messages in order: added behind, taken from the front. Not thread-safe; lets go of what was taken.</summary>
internal sealed class MessageList
{
    private ReceivedMessage?[] _messages = [];
    private int _first;

    public int Count { get; private set; }

    public void Add(ReadOnlySpan<ReceivedMessage?> messages)
    {
        MakeRoom(messages.Length);
        messages.CopyTo(_messages.AsSpan(_first + Count));
        Count += messages.Length;
    }

    public ReceivedMessage Take()
    {
        ReceivedMessage message = _messages[_first]!;
        Drop(1);
        return message;
    }

    /// <summary>Forgets the oldest.</summary>
    public void Drop(int count)
    {
        Array.Clear(_messages, _first, count);
        Count -= count;
        _first = Count == 0 ? 0 : _first + count;
    }

    /// <summary>Forgets those that come again.</summary>
    public void DropVoid()
    {
        int end = _first + Count;
        int kept = _first;
        for (int i = _first; i < end; i++)
        {
            if (!_messages[i]!.IsVoid) _messages[kept++] = _messages[i];
        }

        Array.Clear(_messages, kept, end - kept);
        Count = kept - _first;
    }

    public void Clear() => Drop(Count);

    private void MakeRoom(int more)
    {
        int needed = Count + more;
        if (_first + needed <= _messages.Length) return;
        if (needed <= _messages.Length)
        {
            Array.Copy(_messages, _first, _messages, 0, Count);
            Array.Clear(_messages, Count, _first);
        }
        else
        {
            var larger = new ReceivedMessage?[Math.Max(needed, 2 * _messages.Length)];
            Array.Copy(_messages, _first, larger, 0, Count);
            _messages = larger;
        }

        _first = 0;
    }
}
