namespace Fibril.Client;

/// <summary>How a subscription receives. Read once, when subscribing.</summary>
public sealed class SubscribeOptions
{
    private const int MostPrefetch = 1 << 20;

    /// <summary>
    /// Most messages in flight per partition: delivered and not settled; 1 to 1,048,576, default 32. With <see cref="AutoAck"/>, how many
    /// may wait here unread before the client stops reading from its connection.
    /// </summary>
    public int Prefetch { get; set; } = 32;

    /// <summary>
    /// True: the broker settles a message when it has sent it, so what the process loses in a crash is lost. Default false. Such a
    /// subscription always has a connection of its own.
    /// </summary>
    public bool AutoAck { get; set; }

    /// <summary>
    /// True: the subscription gets a connection of its own, and disposing it gives its unsettled messages back to the queue. Default false:
    /// it shares the client's connection, and the broker learns only when that one closes that nobody reads any more.
    /// </summary>
    public bool OwnConnection { get; set; }

    /// <summary>Namespace of the queue; null, empty and <c>default</c> mean none.</summary>
    public string? Group { get; set; }

    internal SubscribeOptions Validated() => Prefetch is >= 1 and <= MostPrefetch
        ? (SubscribeOptions)MemberwiseClone()
        : throw new ArgumentOutOfRangeException(nameof(Prefetch), Prefetch, $"{nameof(Prefetch)} is {Prefetch}; use 1 to {MostPrefetch}.");
}
