using Fibril.Client.Consuming;
using Fibril.Protocol;

namespace Fibril.Client.Connection;

// Subscriptions outlive connections here. After a reconnect the broker is told what is still wanted, and its verdicts decide.
internal sealed partial class BrokerSession
{
    /// <summary>Attaches to one partition; connects first when there is no connection.</summary>
    /// <exception cref="FibrilException">The broker refused or redirected, did not answer in time, or is gone.</exception>
    public async Task<SubscriptionLeg> SubscribeAsync(
        SubscriptionSpec spec, uint partition, StreamStart start, DeliveryQueue target, ISubscriptionOwner owner, CancellationToken cancellationToken)
    {
        FibrilConnection connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        var leg = new SubscriptionLeg(this, spec, partition, connection.Incarnation, start) { AskedAt = context.Time.GetUtcNow() };
        if (spec.Cohort is null)
        {
            (leg, _) = await connection.SubscribeAsync(leg, target, owner, memberId: null, cancellationToken).ConfigureAwait(false);
            return leg;
        }

        await context.Member.SubscribeAsync(
            async memberId =>
            {
                (leg, memberId) = await connection.SubscribeAsync(leg, target, owner, memberId, cancellationToken).ConfigureAwait(false);
                return memberId;
            },
            cancellationToken).ConfigureAwait(false);
        return leg;
    }

    /// <summary>Carries the leg over to later connections from now on.</summary>
    public void Hold(SubscriptionLeg leg)
    {
        lock (_gate)
        {
            if (leg.Owner is not null && !_held.Contains(leg)) _held.Add(leg);
        }
    }

    /// <summary>True when the next connection brings the leg back, or tells that it cannot.</summary>
    public bool Holds(SubscriptionLeg leg)
    {
        lock (_gate) return _held.Contains(leg);
    }

    /// <summary>Carries the leg over no more.</summary>
    public void Release(SubscriptionLeg leg)
    {
        lock (_gate) _held.Remove(leg);
    }

    /// <summary>The user of the leg is gone.</summary>
    public void Abandon(SubscriptionLeg leg)
    {
        leg.Detach(); // first: an answer that comes from here on finds nobody to hold the leg for
        lock (_gate)
        {
            if (leg.Owner is null) _held.Remove(leg); // else it has its next user already
        }

        Connection?.KeepUnused(leg);
    }

    /// <summary>Writes a settlement with those that follow.</summary>
    /// <exception cref="FibrilStaleDeliveryException">The session that the delivery came in is over; nothing was sent .</exception>
    /// <exception cref="FibrilConnectionException">There is no connection; the delivery is not settled.</exception>
    public void Settle(SubscriptionLeg leg, Settlement kind, ulong tag, ulong deliverId) => CarrierOf(leg).Settle(leg, kind, tag, deliverId);

    /// <inheritdoc cref="Settle"/>
    public void RetryAt(SubscriptionLeg leg, ulong notBefore, ulong tag, ulong deliverId) => CarrierOf(leg).RetryAt(leg, notBefore, tag, deliverId);

    /// <summary>Asks for new leases; see <see cref="FibrilConnection.RenewAsync"/>.</summary>
    /// <exception cref="FibrilStaleDeliveryException">The session that the deliveries came in is over; nothing was sent.</exception>
    public async Task<RenewLeaseOkMessage?> RenewAsync(
        SubscriptionLeg leg, IReadOnlyList<ulong> tags, RenewalRequest request, CancellationToken cancellationToken) =>
        await CarrierOf(leg).RenewAsync(leg, tags, request, cancellationToken).ConfigureAwait(false);

    /// <summary>The connection that a settlement of the leg's deliveries goes to: any of the same incarnation.</summary>
    private FibrilConnection CarrierOf(SubscriptionLeg leg)
    {
        FibrilConnection connection = Connection!;
        return connection.Incarnation == leg.Incarnation
            ? connection
            : throw new FibrilStaleDeliveryException(
                $"The session with {endpoint} in which this was delivered is over, so it cannot be settled; the broker delivers it again ({leg}).");
    }

    /// <summary>The last step of a handshake: identity, reconciliation, and the end of the connection before.</summary>
    private async Task TakeOverAsync(FibrilConnection next, FibrilConnection? before, CancellationToken cancellationToken)
    {
        SubscriptionLeg[] queues;
        lock (_gate)
        {
            _identity = next.Identity;
            if (next.Outcome != ResumeOutcome.Resumed) Volatile.Write(ref _incarnation, _incarnation + 1);
            next.Incarnation = _incarnation;
            queues = [.. _held.Where(static leg => !leg.Spec.IsStream)];
        }

        try
        {
            IReadOnlyList<ReconcileVerdict> verdicts = await ReconcileAsync(next, queues, cancellationToken).ConfigureAwait(false);

            // Legs belong to one receive loop at a time, so the old one is over before the new one begins.
            if (before is not null) await before.DisposeAsync().ConfigureAwait(false);
            Publish(next, queues, verdicts);
        }
        catch (Exception failure)
        {
            // The broker has taken the session from the old connection already (RES-5): nothing is delivered there any more.
            var lost = new FibrilConnectionException($"A reconnect to {endpoint} failed half-way: {failure.Message}", failure);
            before?.GiveUp(lost);
            if (before is not null) OnLost(before, lost);
            throw;
        }
    }

    private async Task<IReadOnlyList<ReconcileVerdict>> ReconcileAsync(
        FibrilConnection next, SubscriptionLeg[] legs, CancellationToken cancellationToken)
    {
        if (legs.Length == 0) return [];
        SubscriptionDescriptor[] list = [.. legs.Select(leg => leg.Describe(context.Member.Id))];
        var question = new ReconcileClientMessage(context.Options.ReconcilePolicy, list);
        return (await next.ReconcileAsync(question, cancellationToken).ConfigureAwait(false)).Verdicts;
    }

    private void Publish(FibrilConnection next, SubscriptionLeg[] reconciled, IReadOnlyList<ReconcileVerdict> verdicts)
    {
        List<Action> toTell = [];
        lock (_gate)
        {
            foreach (SubscriptionLeg leg in reconciled.Except(_held)) KeepUnused(VerdictOn(leg, verdicts), leg, next);
            foreach (SubscriptionLeg leg in _held.ToArray())
            {
                // What was subscribed to meanwhile, on the old connection, is as good as lost.
                if (reconciled.Contains(leg)) Apply(VerdictOn(leg, verdicts), leg, next, toTell);
                else GiveUp(leg, toTell);
            }

            Volatile.Write(ref _isRetired, false);
            Volatile.Write(ref _connection, next);
        }

        foreach (Action tell in toTell) tell();
    }

    private void Apply(in ReconcileVerdict verdict, SubscriptionLeg leg, FibrilConnection next, List<Action> toTell)
    {
        context.Logger.Reconciled(endpoint, leg.ToString(), verdict.Action, verdict.Code);
        if (verdict.Action == ReconcileAction.Keep)
        {
            Keep(leg, verdict.Server?.SubscriptionId ?? leg.Id, next, toTell);
            return;
        }

        _held.Remove(leg);
        var end = new FibrilSubscriptionClosedException(verdict.Code, verdict.Reason, $"the subscription to {leg}") { Verdict = verdict.Action };
        toTell.Add(() => leg.Owner?.OnEnded(leg, end));
    }

    private void Keep(SubscriptionLeg leg, ulong id, FibrilConnection next, List<Action> toTell)
    {
        if (leg.Incarnation == next.Incarnation)
        {
            next.Adopt(leg, id);
            toTell.Add(() => leg.Owner?.OnKept(leg, leg));
            return;
        }

        // The broker serves the same subscription in a new session: what was delivered in the old one is void.
        SubscriptionLeg again = next.MakeAgain(leg);
        next.Adopt(again, id);
        _held[_held.IndexOf(leg)] = again;
        toTell.Add(() =>
        {
            if (again.Owner is { } owner) owner.OnKept(leg, again);
            else Abandon(again);
        });
    }

    /// <summary>The leg was let go after the broker had been asked for it: what the broker keeps serves the next who wants the same.</summary>
    private static void KeepUnused(in ReconcileVerdict verdict, SubscriptionLeg leg, FibrilConnection next)
    {
        if (verdict.Action != ReconcileAction.Keep) return;
        SubscriptionLeg unused = leg;
        if (leg.Incarnation != next.Incarnation)
        {
            unused = next.MakeAgain(leg);
            unused.Detach();
        }

        next.Adopt(unused, verdict.Server?.SubscriptionId ?? leg.Id);
        next.KeepUnused(unused);
    }

    /// <summary>The leg does not come back. Streams never do: they are subscribed to anew, and the cursor does the rest (P-20).</summary>
    private void GiveUp(SubscriptionLeg leg, List<Action> toTell)
    {
        _held.Remove(leg);
        var cause = new FibrilConnectionException($"The connection to {endpoint} was made again, without this subscription.");
        toTell.Add(() => leg.Owner?.OnLost(leg, cause));
    }

    private static ReconcileVerdict VerdictOn(SubscriptionLeg leg, IReadOnlyList<ReconcileVerdict> verdicts)
    {
        foreach (ReconcileVerdict verdict in verdicts)
        {
            if (verdict.Client is { } listed && listed.SubscriptionId == leg.Id && listed.Partition == leg.Partition
                && listed.Topic == leg.Queue.Topic)
            {
                return verdict;
            }
        }

        // better an end than a subscription that nobody feeds.
        return new ReconcileVerdict(null, null, ReconcileAction.CloseClientSide, CloseReason.ServerError, "the broker did not answer for it");
    }
}
