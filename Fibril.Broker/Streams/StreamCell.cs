namespace Fibril.Broker.Streams;

/// <summary>The settings of one stream, shared by its partitions and replaced when it is declared again. Thread-safe.</summary>
internal sealed class StreamCell(StreamSettings settings)
{
    private readonly Lock _gate = new();
    private StreamSettings _value = settings;

    public StreamSettings Value => Volatile.Read(ref _value);

    /// <summary>Takes the settings that are in effect now; the last one to ask leaves the newest behind.</summary>
    public void Refresh(Func<StreamSettings> read)
    {
        lock (_gate) Volatile.Write(ref _value, read());
    }
}
