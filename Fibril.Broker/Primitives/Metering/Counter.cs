namespace Fibril.Broker.Primitives.Metering;

/// <summary>A number that grows for the life of the process (O-12). Thread-safe; cheap enough for every batch.</summary>
internal sealed class Counter
{
    private long _value;

    internal Counter(int index) => Index = index;

    /// <summary>Its place in <see cref="Instruments.Counters"/>.</summary>
    public int Index { get; }

    public long Value => Volatile.Read(ref _value);

    public void Add(long count) => Interlocked.Add(ref _value, count);

    public void Increment() => Interlocked.Increment(ref _value);
}
