using Fibril.Client.Consuming;
using Fibril.Client.Routing;
using Fibril.Protocol;

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
    /// True: a subscription that a lost connection, a moved partition or a restarted broker interrupts subscribes again by itself, with growing
    /// delays, for as long as it takes. False: it ends with the first interruption, and the error says why. Default true.
    /// </summary>
    public bool Supervised { get; set; } = true;

    /// <summary>
    /// False: when the broker, after a reconnect, advises to subscribe again, a supervised subscription ends instead. For consumers that have to
    /// prepare for messages that come again. Default true.
    /// </summary>
    public bool FollowRecreateAdvice { get; set; } = true;

    /// <summary>
    /// True: joins the queue's consumer group, whose members share the partitions, each partition being read by one member at a time. Default
    /// false: competes for every message.
    /// </summary>
    public bool Exclusive { get; set; }

    /// <summary>
    /// Name of the consumer group; null is <c>default</c>. A queue has one group at a time. Only with <see cref="Exclusive"/>.
    /// </summary>
    public string? ConsumerGroup { get; set; }

    /// <summary>Most partitions that this member would like to have, 1 or more; null for no wish. Only with <see cref="Exclusive"/>.</summary>
    public int? ConsumerTarget { get; set; }

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

    /// <summary>Checks what subscribing would check first.</summary>
    /// <exception cref="ArgumentException">An option makes no sense; the message says which and what to write.</exception>
    public void Validate() => Validated();

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
        if (ConsumerTarget is < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(ConsumerTarget), ConsumerTarget, $"{nameof(ConsumerTarget)} is {ConsumerTarget}; use 1 or more, or null.");
        }

        if (!Exclusive && (ConsumerGroup is not null || ConsumerTarget is not null))
            throw new ArgumentException($"{nameof(ConsumerGroup)} and {nameof(ConsumerTarget)} mean nothing without {nameof(Exclusive)}; set that too.");
        if (ConsumerGroup is { Length: 0 })
            throw new ArgumentException($"{nameof(ConsumerGroup)} is empty; name the group, or leave it null for '{ProtocolDefaults.DefaultCohort}'.");
        return (SubscribeOptions)MemberwiseClone();
    }

    internal SubscriptionSpec ToSpec(QueueAddress queue) => new()
    {
        Channel = queue,
        Kind = ChannelKind.Queue,
        Prefetch = (uint)Prefetch,
        AutoAck = AutoAck,
        OwnConnections = AutoAck || OwnConnection,
        AutoRenew = AutoRenew,
        AutoRenewLimit = AutoRenewLimit,
        IsSupervised = Supervised,
        FollowsRecreateAdvice = FollowRecreateAdvice,
        Cohort = Exclusive ? ConsumerGroup ?? ProtocolDefaults.DefaultCohort : null,
        CohortTarget = (uint?)ConsumerTarget,
    };
}
