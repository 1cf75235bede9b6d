namespace Fibril.Client;

/// <summary>How a subscription receives. Read once, when subscribing.</summary>
public sealed class SubscribeOptions
{
    private const int MostPrefetch = 1 << 20;
    private static readonly TimeSpan LeastRenewLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostRenewLimit = TimeSpan.FromDays(7);

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

    /// <summary>
    /// True: leases of messages that arrived and are not settled are renewed in time, so that who takes longer than a lease keeps its message.
    /// Ends for a message when it is settled, when nothing refers to it any more, and after <see cref="AutoRenewLimit"/>. Default false. Without
    /// effect, but for a warning in the log, on a broker that cannot renew; not with <see cref="AutoAck"/>, where there are no leases.
    /// </summary>
    public bool AutoRenew { get; set; }

    /// <summary>
    /// Longest time from its arrival that a message is renewed, whatever becomes of it here: a handler that hangs for ever keeps its message
    /// this long and one lease more. 1 s to 7 days, default 10 min.
    /// </summary>
    public TimeSpan AutoRenewLimit { get; set; } = TimeSpan.FromMinutes(10);

    internal SubscribeOptions Validated()
    {
        if (Prefetch is < 1 or > MostPrefetch)
            throw new ArgumentOutOfRangeException(nameof(Prefetch), Prefetch, $"{nameof(Prefetch)} is {Prefetch}; use 1 to {MostPrefetch}.");
        if (AutoRenewLimit < LeastRenewLimit || AutoRenewLimit > MostRenewLimit)
        {
            throw new ArgumentOutOfRangeException(
                nameof(AutoRenewLimit), AutoRenewLimit, $"{nameof(AutoRenewLimit)} is {AutoRenewLimit}; use {LeastRenewLimit} to {MostRenewLimit}.");
        }

        if (AutoRenew && AutoAck)
            throw new ArgumentException($"{nameof(AutoRenew)} and {nameof(AutoAck)} are both set; what the broker settles itself has no lease to renew.");
        return (SubscribeOptions)MemberwiseClone();
    }
}
