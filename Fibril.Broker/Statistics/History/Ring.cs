namespace Fibril.Broker.Statistics.History;

/// <summary>The newest of what was added, at most a fixed number. Not thread-safe.</summary>
internal sealed class Ring<T>(int capacity)
{
    private const int FirstRoom = 16;

    private T[] _items = [];
    private int _oldest;

    public int Count { get; private set; }

    /// <summary>Counted from the oldest.</summary>
    public T this[int index] => _items[(_oldest + index) % _items.Length];

    public void Add(T item)
    {
        // It grows before it goes round for the first time, and never beyond what it may hold.
        if (Count == _items.Length && Count < capacity) Array.Resize(ref _items, Math.Min(capacity, Math.Max(FirstRoom, Count * 2)));
        if (Count < capacity)
        {
            _items[Count++] = item;
            return;
        }

        _items[_oldest] = item;
        _oldest = (_oldest + 1) % capacity;
    }
}
