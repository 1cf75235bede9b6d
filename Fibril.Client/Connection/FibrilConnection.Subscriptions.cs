using Fibril.Client.Consuming;
using Fibril.Client.Routing;
using Fibril.Protocol;

namespace Fibril.Client.Connection;

// A leg is one partition's subscription as the broker knows it. The protocol has no way to end one from here, so a leg whose user is gone
// stays, drops what arrives, and serves the next user who wants the same: a second SUBSCRIBE would be a conflict.
internal sealed partial class FibrilConnection
{
    private readonly Dictionary<ulong, SubscriptionLeg> _legs = [];  // receive loop only
    private readonly List<SubscriptionLeg> _unusedLegs = [];         // under the lock
    private SubscriptionLeg? _lastLeg;

    /// <summary>Attaches to one partition; deliveries go to <paramref name="target"/> from before the call returns.</summary>
    /// <param name="leg">New, or like one that nobody uses any more: that one is returned then.</param>
    /// <param name="target">Where deliveries go.</param>
    /// <param name="owner">Who learns of its end.</param>
    /// <param name="memberId">Identity in the consumer group; null when there is none yet.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<(SubscriptionLeg Leg, Guid? MemberId)> SubscribeAsync(
        SubscriptionLeg leg, DeliveryQueue target, ISubscriptionOwner owner, Guid? memberId, CancellationToken cancellationToken)
    {
        if (TakeUnusedLeg(leg, target, owner) is { } unused) return (unused, memberId);
        leg.Owner = owner;
        leg.Attach(target, KeeperFor(leg));
        SubscribeOkMessage reply;
        try
        {
            var request = new SubscribeRequest(this, leg);
            reply = leg.Spec.IsStream
                ? await RequestAsync(StreamRequestFor(leg), request, cancellationToken).ConfigureAwait(false)
                : await RequestAsync(QueueRequestFor(leg, memberId), request, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _session.Abandon(leg); // the answer may still come and make it a subscription that nobody uses
            throw;
        }

        leg.Keeper?.Start();
        return (leg, reply.MemberId);
    }

    /// <summary>Keeps a leg without a user for the next one who wants the same, if the broker knows it by this connection.</summary>
    public void KeepUnused(SubscriptionLeg leg)
    {
        lock (_gate)
        {
            if (leg.OpenOn == this && leg.Owner is null && !leg.Spec.IsStream && !_unusedLegs.Contains(leg)) _unusedLegs.Add(leg);
        }
    }

    /// <summary>Takes a leg over that lived on another connection. Before <see cref="Start"/>.</summary>
    /// <param name="leg">Has a user.</param>
    /// <param name="id">As the broker numbers it from now on.</param>
    public void Adopt(SubscriptionLeg leg, ulong id)
    {
        leg.Id = id;
        if (!_legs.TryAdd(id, leg)) throw new FibrilProtocolException($"{_endpoint} kept two subscriptions under the number {id}.");
        lock (_gate)
        {
            leg.OpenOn = this;
            if (leg.Settlements.Any) _legsWithSettlements.Add(leg); // settled in the session, and not sent
        }
    }

    /// <summary>A leg like <paramref name="leg"/>, for its user, in the incarnation of this connection.</summary>
    public SubscriptionLeg MakeAgain(SubscriptionLeg leg)
    {
        var again = new SubscriptionLeg(_session, leg.Spec, leg.Partition, Incarnation) { AskedAt = leg.AskedAt, Owner = leg.Owner };
        if (leg.Target is { } target) again.Attach(target, KeeperFor(again));
        return again;
    }

    /// <summary>Writes a settlement with those that follow, as soon as the sender comes round.</summary>
    /// <exception cref="FibrilConnectionException">The connection is gone; the delivery is not settled.</exception>
    public void Settle(SubscriptionLeg leg, Settlement kind, ulong tag, ulong deliverId)
    {
        bool isSender;
        lock (_gate)
        {
            if (!IsConnected) throw NotConnected();
            if (leg.Settlements.Add(kind, tag, deliverId)) _legsWithSettlements.Add(leg);
            isSender = BecomeSender();
        }

        if (!isSender) return;
        if (leg.Target is { HasBuffered: true }) SendOnPool(); // more settlements will follow at once
        else SendWhatWaits();
    }

    /// <summary>Writes a settlement that carries a time and so stands alone.</summary>
    /// <exception cref="FibrilConnectionException">The connection is gone; the delivery is not settled.</exception>
    public void RetryAt(SubscriptionLeg leg, ulong notBefore, ulong tag, ulong deliverId)
    {
        lock (_gate)
        {
            if (!IsConnected) throw NotConnected();
        }

        Span<byte> tags = stackalloc byte[TagList.TagBytes];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(tags, tag);
        Post(deliverId, new NackMessage
        {
            Topic = leg.Queue.WireTopic,
            Group = leg.Queue.WireGroup,
            Partition = leg.Partition,
            Tags = new TagList(tags),
            Requeue = true,
            NotBefore = notBefore,
        });
    }

    private static SubscribeMessage QueueRequestFor(SubscriptionLeg leg, Guid? memberId)
    {
        SubscriptionSpec spec = leg.Spec;
        bool isExclusive = spec.Cohort is not null;
        return new SubscribeMessage(
            leg.Queue.Topic, leg.Partition, leg.Queue.Group, spec.Prefetch, spec.AutoAck,
            spec.Cohort, isExclusive ? spec.CohortTarget : null, isExclusive ? memberId : null);
    }

    private static SubscribeStreamMessage StreamRequestFor(SubscriptionLeg leg)
    {
        SubscriptionSpec spec = leg.Spec;
        return new SubscribeStreamMessage(
            leg.Queue.Topic, leg.Partition, spec.DurableName, leg.Start, spec.Filter, spec.Prefetch, spec.AutoAck);
    }

    private SubscriptionLeg? TakeUnusedLeg(SubscriptionLeg like, DeliveryQueue target, ISubscriptionOwner owner)
    {
        SubscriptionLeg leg;
        lock (_gate)
        {
            int index = _fault is null
                ? _unusedLegs.FindIndex(unused => unused.Partition == like.Partition && unused.Spec.IsLike(like.Spec))
                : -1;
            if (index < 0) return null;
            leg = _unusedLegs[index];
            _unusedLegs.RemoveAt(index);
            leg.Reuse(like.Spec, owner);
            leg.Attach(target, KeeperFor(leg));
        }

        _session.Hold(leg);
        leg.Keeper?.Start();
        return leg;
    }

    private LeaseKeeper? KeeperFor(SubscriptionLeg leg) =>
        leg.Spec.AutoRenew ? new LeaseKeeper(leg, leg.Spec.AutoRenewLimit, _time, _logger) : null;

    /// <summary>Under the lock: turns all settlements that gathered into one frame per kind.</summary>
    private void WriteSettlements()
    {
        foreach (SubscriptionLeg leg in _legsWithSettlements) leg.Settlements.WriteTo(_output, leg.Queue, leg.Partition);
        _legsWithSettlements.Clear();
    }

    private SubscriptionLeg? OnDeliver(ulong id, ReadOnlySpan<byte> body)
    {
        if (!Frame.TryRead(body, out DeliverMessage delivery, out DecodeError error)) throw Incoming.Malformed(OpCode.Deliver, error);
        SubscriptionLeg? leg = FindLeg(delivery.SubscriptionId);
        if (leg?.Target is not { } target)
        {
            _logger.DeliveryIgnored(_endpoint, delivery.SubscriptionId);
            return null;
        }

        // All that arrived is for it: it has this connection to itself. At the end of one what still comes is bounded by the sockets' buffers.
        if (leg.Spec.HoldsUpConnections && !_ending.Task.IsCompleted && target.IsFullWith(_arrivals)) return leg;
        _arrivals++;
        var message = new ReceivedMessage(leg, id, in delivery);
        if (leg.Keeper is { } keeper) message.KeepBy(keeper);
        if (leg.Arrive(message)) _legsWithArrivals.Add(leg);
        return null;
    }

    /// <summary>Hands over what this read brought.</summary>
    private void PublishArrivals()
    {
        foreach (SubscriptionLeg leg in _legsWithArrivals)
        {
            int dropped = leg.PublishArrivals();
            if (dropped > 0) _logger.StaleDeliveriesDropped(leg.ToString(), dropped);
        }

        _legsWithArrivals.Clear();
        _arrivals = 0;
    }

    private SubscriptionLeg? FindLeg(ulong id)
    {
        if (_lastLeg is { } last && last.Id == id) return last;
        return _legs.TryGetValue(id, out SubscriptionLeg? leg) ? _lastLeg = leg : null;
    }

    private void OnSubscriptionClosed(SubscriptionClosedMessage notice)
    {
        if (!_legs.Remove(notice.SubscriptionId, out SubscriptionLeg? leg)) return;
        if (_lastLeg == leg) _lastLeg = null;
        lock (_gate)
        {
            leg.OpenOn = null;
            _unusedLegs.Remove(leg);
        }

        _logger.SubscriptionClosed(_endpoint, leg.ToString(), notice.Code, notice.Message);
        PublishArrivals(); // of all legs: the end of one may be the end of the subscription
        leg.Keeper?.Stop(); // its leases are over
        _session.Release(leg);
        leg.Owner?.OnEnded(leg, new FibrilSubscriptionClosedException(notice.Code, notice.Message, $"the subscription to {leg}"));
    }

    /// <summary>The first delivery may stand right behind the reply, so the leg is known before the next frame is looked at .</summary>
    private sealed class SubscribeRequest(FibrilConnection connection, SubscriptionLeg leg)
        : Request<SubscribeOkMessage>($"a subscription to {leg}")
    {
        protected override void OnReply(SubscribeOkMessage reply)
        {
            leg.Id = reply.SubscriptionId;
            if (!connection._legs.TryAdd(leg.Id, leg))
            {
                // Whoever had the number would get nothing any more, and never learn why.
                throw new FibrilProtocolException($"The broker numbered {Describe()} {leg.Id}, as it had another one before.");
            }

            lock (connection._gate)
            {
                leg.OpenOn = connection;
                if (leg.Owner is null && !leg.Spec.IsStream) connection._unusedLegs.Add(leg);
            }

            connection._session.Hold(leg);
        }
    }
}
