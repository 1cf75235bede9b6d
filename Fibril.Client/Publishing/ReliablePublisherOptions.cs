namespace Fibril.Client;

/// <summary>What the messages of a reliable publisher have in common. Read once, when it is made.</summary>
public sealed class ReliablePublisherOptions
{
    private const int MostInFlight = 4096; // as many numbers as brokers are known to remember of one producer

    /// <summary>Namespace of the queue; null, empty and <c>default</c> mean none.</summary>
    public string? Group { get; set; }

    /// <summary>As of <see cref="PublisherOptions.DefaultTimeToLive"/>.</summary>
    public TimeSpan? DefaultTimeToLive { get; set; }

    /// <summary>As of <see cref="PublisherOptions.DefaultContentType"/>.</summary>
    public string? DefaultContentType { get; set; }

    /// <summary>
    /// Most messages that may be unconfirmed at a time; a further call waits. 1 to 4,096, default 256. Brokers remember the last 4,096 numbers of a
    /// producer: with more in flight an old one could be stored twice.
    /// </summary>
    public int MaxInFlight { get; set; } = 256;

    internal int CheckedMaxInFlight() => MaxInFlight is >= 1 and <= MostInFlight
        ? MaxInFlight
        : throw new ArgumentOutOfRangeException(nameof(MaxInFlight), MaxInFlight, $"{nameof(MaxInFlight)} is {MaxInFlight}; use 1 to {MostInFlight}.");

    internal PublisherOptions ToPublisherOptions() => new()
    {
        Group = Group,
        DefaultTimeToLive = DefaultTimeToLive,
        DefaultContentType = DefaultContentType,
    };
}
