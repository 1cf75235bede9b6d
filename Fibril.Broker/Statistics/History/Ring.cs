namespace Fibril.Broker.Statistics.History;

/// <summary>The newest of what was added, at most a fixed number. Not thread-safe.</summary>
internal sealed class Ring<T>(int capacity)
{
    private readonly Queue<T> _items = new();

    /// <summary>Oldest first.</summary>
    public IReadOnlyCollection<T> Items => _items;

    public void Add(T item)
    {
        if (_items.Count == capacity) _items.Dequeue();
        _items.Enqueue(item);
    }
}
