namespace Fibril.Broker.Channels;

/// <summary>The settings of one channel, shared by its partitions and replaced when it is declared again. Thread-safe.</summary>
internal sealed class SettingsCell<TSettings>(TSettings settings) where TSettings : class
{
    private readonly Lock _gate = new();
    private TSettings _value = settings;

    public TSettings Value => Volatile.Read(ref _value);

    /// <summary>Takes the settings that are in effect now; the last one to ask leaves the newest behind.</summary>
    public void Refresh(Func<TSettings> read)
    {
        lock (_gate) Volatile.Write(ref _value, read());
    }
}
