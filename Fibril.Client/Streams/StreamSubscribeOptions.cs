using Fibril.Client.Consuming;
using Fibril.Client.Routing;
using Fibril.Protocol;

namespace Fibril.Client;

/// <summary>How a subscription reads a stream. Read once, when subscribing.</summary>
public sealed class StreamSubscribeOptions
{
    private const int MostPrefetch = 1 << 20;

    /// <summary>
    /// Name of a cursor that the broker keeps for each partition. The subscription goes on where the cursor stands, after whatever happened to
    /// client or broker; a new name starts at the oldest record. Completing a record moves the cursor past it and all before it. Use a name in one
    /// place at a time. Null: the place is this subscription's alone, and completing has no effect. Default null.
    /// </summary>
    public string? DurableName { get; set; }

    /// <summary>Where to start without a durable name; default <see cref="StreamPosition.Latest"/>.</summary>
    public StreamPosition Start { get; set; } = StreamPosition.Latest;

    /// <summary>
    /// Conditions on headers that all must hold; a record for which one does not is not sent. <c>*</c> in a pattern stands for any run of characters,
    /// a record without the header does not match. Default none.
    /// </summary>
    public IReadOnlyList<FilterClause> Filter { get; set; } = [];

    /// <summary>
    /// Most records in flight per partition: delivered and not completed; 1 to 1,048,576, default 32. With <see cref="AutoAck"/>, how many may wait
    /// here unread before the client stops reading from its connection.
    /// </summary>
    public int Prefetch { get; set; } = 32;

    /// <summary>
    /// True: the cursor moves when the broker has sent a record, so what the process loses in a crash is lost to this name. Default false.
    /// </summary>
    public bool AutoAck { get; set; }

    /// <summary>
    /// True: a subscription that is interrupted subscribes again by itself, at its cursor or behind the last record that arrived. False: it ends.
    /// Default true. What happens before the first record is told at <see cref="StreamPosition.Latest"/>.
    /// </summary>
    public bool Supervised { get; set; } = true;

    /// <summary>Checks what subscribing would check first.</summary>
    /// <exception cref="ArgumentException">An option makes no sense; the message says which and what to write.</exception>
    public void Validate() => Validated();

    internal StreamSubscribeOptions Validated()
    {
        ArgumentNullException.ThrowIfNull(Start);
        ArgumentNullException.ThrowIfNull(Filter);
        if (Prefetch is < 1 or > MostPrefetch)
            throw new ArgumentOutOfRangeException(nameof(Prefetch), Prefetch, $"{nameof(Prefetch)} is {Prefetch}; use 1 to {MostPrefetch}.");
        if (DurableName is { Length: 0 })
            throw new ArgumentException($"{nameof(DurableName)} is empty; name the cursor, or leave it null for a subscription without one.");
        return (StreamSubscribeOptions)MemberwiseClone();
    }

    internal SubscriptionSpec ToSpec(QueueAddress stream) => new()
    {
        Channel = stream,
        Kind = ChannelKind.Stream,
        Prefetch = (uint)Prefetch,
        AutoAck = AutoAck,
        OwnConnections = true, // brokers wait for nobody who reads a stream (DLV-8), and what holds up one reader must hold up no other
        IsSupervised = Supervised,
        FollowsRecreateAdvice = true,
        DurableName = DurableName,
        Start = Start.Start,
        Filter = [.. Filter],
    };
}
