using Fibril.Client.Connection;
using Fibril.Client.Routing;

namespace Fibril.Client.Consuming;

/// <summary>One partition's subscription on one connection.</summary>
internal sealed class SubscriptionLeg(FibrilConnection connection, QueueAddress queue, uint partition, uint prefetch, bool autoAck)
{
    private DeliveryQueue? _target;
    private LeaseKeeper? _keeper;
    private ReceivedMessage?[] _arrivals = [];
    private int _arrivalCount;

    public FibrilConnection Connection => connection;

    public QueueAddress Queue => queue;

    public uint Partition => partition;

    /// <summary>As asked for.</summary>
    public uint Prefetch => prefetch;

    public bool AutoAck => autoAck;

    /// <summary>As the broker numbers it; set by the receive loop.</summary>
    public ulong Id { get; set; }

    /// <summary>True while the broker knows the subscription. Under the connection's lock.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Settlements that wait to be sent. Under the connection's lock.</summary>
    public PendingSettlements Settlements { get; } = new();

    /// <summary>Where deliveries go; null when nobody wants them any more.</summary>
    public DeliveryQueue? Target => Volatile.Read(ref _target);

    /// <summary>Who keeps their leases alive; null when nobody does.</summary>
    public LeaseKeeper? Keeper => Volatile.Read(ref _keeper);

    /// <summary>Gives the leg to a user.</summary>
    public void Attach(DeliveryQueue target, LeaseKeeper? keeper)
    {
        Volatile.Write(ref _keeper, keeper); // first: a delivery that finds the target finds the keeper
        Volatile.Write(ref _target, target);
    }

    /// <summary>Its user is gone.</summary>
    public void Detach()
    {
        Volatile.Write(ref _target, null);
        Keeper?.Close();
        Volatile.Write(ref _keeper, null);
    }

    /// <summary>True when <paramref name="other"/> would be the same subscription to the broker.</summary>
    public bool IsLike(SubscriptionLeg other) =>
        partition == other.Partition && prefetch == other.Prefetch && autoAck == other.AutoAck && queue.Equals(other.Queue);

    /// <summary>Keeps a delivery until the whole read is handled; true for the first. Receive loop only.</summary>
    public bool Arrive(ReceivedMessage message)
    {
        if (_arrivalCount == _arrivals.Length) Array.Resize(ref _arrivals, Math.Max(16, 2 * _arrivalCount));
        _arrivals[_arrivalCount++] = message;
        return _arrivalCount == 1;
    }

    /// <summary>Hands the deliveries of this read over; says how many were dropped for them. Receive loop only.</summary>
    public int PublishArrivals()
    {
        if (_arrivalCount == 0) return 0; // a reader that is woken expects something
        int dropped = Target?.Add(_arrivals.AsSpan(0, _arrivalCount)) ?? 0;
        Array.Clear(_arrivals, 0, _arrivalCount);
        _arrivalCount = 0;
        return dropped;
    }

    public override string ToString() => $"{queue}, partition {partition}";
}
