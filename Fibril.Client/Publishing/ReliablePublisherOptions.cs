namespace Fibril.Client;

/// <summary>What the messages of a reliable publisher have in common. Read once, when it is made.</summary>
public sealed class ReliablePublisherOptions
{
    private const int MostInFlight = 4096; // as many numbers as a broker remembers of one producer at best

    /// <summary>Namespace of the queue; null, empty and <c>default</c> mean none.</summary>
    public string? Group { get; set; }

    /// <summary>As of <see cref="PublisherOptions.DefaultTimeToLive"/>.</summary>
    public TimeSpan? DefaultTimeToLive { get; set; }

    /// <summary>As of <see cref="PublisherOptions.DefaultContentType"/>.</summary>
    public string? DefaultContentType { get; set; }

    /// <summary>
    /// How many messages there may be from the oldest unconfirmed one up, confirmed or not; a further call waits. 1 to 4,096, default 128. A broker
    /// remembers 131,072 numbers divided by the producers that share a partition, at most 4,096 of each, and 128 of each when there are 1,024: with more
    /// in flight than it remembers an old message could be stored twice.
    /// </summary>
    public int MaxInFlight { get; set; } = 128;

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
