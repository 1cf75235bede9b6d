using Fibril.Client.Connection;
using Fibril.Client.Routing;
using Fibril.Protocol;

namespace Fibril.Client.Consuming;

/// <summary>
/// One partition's subscription in one incarnation of a broker's session. It outlives connections as long as the session is resumed; after that
/// another leg takes its place, and what this one delivered cannot be settled any more.
/// </summary>
internal sealed class SubscriptionLeg(BrokerSession session, SubscriptionSpec spec, uint partition, int incarnation, StreamStart start = default)
{
    private SubscriptionSpec _spec = spec;
    private const ulong NoOffset = ulong.MaxValue;
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new(); // the place moves with records that reach their user, and with no other
    private DeliveryQueue? _target;
    private LeaseKeeper? _keeper;
    private ReceivedMessage?[] _arrivals = [];
    private int _arrivalCount;
    private ulong _lastOffset = NoOffset;
    private bool _isReplaced;

    public BrokerSession Session => session;

    public SubscriptionSpec Spec => _spec;

    public QueueAddress Queue => _spec.Channel;

    public uint Partition => partition;

    public bool AutoAck => _spec.AutoAck;

    /// <summary>Number of the session's incarnation that the leg belongs to .</summary>
    public int Incarnation => incarnation;

    /// <summary>As the broker numbers it; set by the receive loop, or by the reconnect before there is one.</summary>
    public ulong Id { get; set; }

    /// <summary>Where a stream was asked to start.</summary>
    public StreamStart Start => start;

    /// <summary>When the broker was asked, by this client's clock.</summary>
    public DateTimeOffset AskedAt { get; init; }

    /// <summary>Who learns of its end; null when nobody uses it.</summary>
    public ISubscriptionOwner? Owner { get; set; }

    /// <summary>
    /// The connection on which the broker knows the subscription. Not those that follow in the same incarnation: a resumed session may have lost it.
    /// Under that connection's lock.
    /// </summary>
    public FibrilConnection? OpenOn { get; set; }

    /// <summary>Settlements that wait to be sent. Under the connection's lock.</summary>
    public PendingSettlements Settlements { get; } = new();

    /// <summary>Where deliveries go; null when they need to go nowhere any more.</summary>
    public DeliveryQueue? Target => Volatile.Read(ref _target);

    /// <summary>Who keeps their leases alive; null when nobody does.</summary>
    public LeaseKeeper? Keeper => Volatile.Read(ref _keeper);

    /// <summary>
    /// True when another leg has taken its place and the broker delivers anew what this one had delivered: what still waits unread here would
    /// be read twice, and not be settled once.
    /// </summary>
    public bool IsVoid => _spec.IsRedelivered && Volatile.Read(ref _isReplaced);

    /// <summary>Where a stream subscription without a broker's cursor goes on: behind the last record that arrived.</summary>
    /// <remarks>
    /// Final after <see cref="Detach"/>. Before the first record the end of the stream is another one than it was, so the time stands in for it,
    /// with room for a broker whose clock is behind.
    /// </remarks>
    public StreamStart ResumeFrom
    {
        get
        {
            lock (_gate)
            {
                if (_lastOffset != NoOffset) return StreamStart.AtOffset(_lastOffset + 1);
            }

            return start == StreamStart.Latest || start == StreamStart.Back(0) ? StreamStart.AtTime(UnixTime.From(AskedAt - ClockTolerance)) : start;
        }
    }

    /// <summary>Gives the leg to a user.</summary>
    public void Attach(DeliveryQueue target, LeaseKeeper? keeper)
    {
        Volatile.Write(ref _keeper, keeper); // first: a delivery that finds the target finds the keeper
        Volatile.Write(ref _target, target);
    }

    /// <summary>Another user wants the same of the broker, and perhaps something else of this client.</summary>
    public void Reuse(SubscriptionSpec other, ISubscriptionOwner owner)
    {
        _spec = other;
        Owner = owner;
    }

    /// <summary>Its user is gone. What the broker has settled still goes where it went, until the connection ends: nobody sends it again.</summary>
    public void Detach()
    {
        lock (_gate)
        {
            if (!_spec.IsSettledWhenSent) Volatile.Write(ref _target, null);
        }

        Keeper?.Close();
        Volatile.Write(ref _keeper, null);
        Owner = null; // last: from here on the leg may get its next user
    }

    /// <summary>Another leg has taken its place.</summary>
    public void NoteReplaced()
    {
        Volatile.Write(ref _isReplaced, true);
        Keeper?.Stop(); // its leases are over
    }

    /// <summary>As the broker would list it, for a reconciliation.</summary>
    public SubscriptionDescriptor Describe(Guid? memberId) => new(
        Id, Queue.Topic, partition, Queue.Group, AutoAck, _spec.Prefetch, _spec.Cohort, _spec.Cohort is null ? null : _spec.CohortTarget,
        _spec.Cohort is null ? null : memberId);

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
        int dropped = 0;
        lock (_gate)
        {
            if (_target is not null)
            {
                _lastOffset = (ulong)_arrivals[_arrivalCount - 1]!.Offset;
                dropped = _target.Add(_arrivals.AsSpan(0, _arrivalCount));
            }
        }

        Array.Clear(_arrivals, 0, _arrivalCount);
        _arrivalCount = 0;
        return dropped;
    }

    public override string ToString() => $"{_spec.Describe()}, partition {partition}";
}
