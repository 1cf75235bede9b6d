using Fibril.Client.Connection;
using Fibril.Client.Consuming;
using Fibril.Protocol;

namespace Fibril.Client;

public sealed partial class ReceivedMessage
{
    private HeldLease? _heldLease;

    internal ulong DeliveryTag => _tag;

    /// <summary>True when the message will be delivered again and settling this delivery has no effect.</summary>
    internal bool IsVoid => _leg.IsVoid;

    /// <summary>Asks the broker for a new lease: as much time for this message as if it had been delivered now. Counts as no retry.</summary>
    /// <param name="cancellationToken">Ends the waiting; the lease may be renewed nevertheless.</param>
    /// <returns>Whether there is a new lease, and until when it runs.</returns>
    /// <remarks>Not needed for messages of a subscription with <see cref="SubscribeOptions.AutoRenew"/>, and does no harm there.</remarks>
    /// <exception cref="InvalidOperationException">The subscription settles by itself, or is one to a stream: there is no lease.</exception>
    /// <exception cref="FibrilStaleDeliveryException">The session is over, and the lease with it.</exception>
    /// <exception cref="FibrilConnectionException">The connection is gone; the lease lasts if it comes back in time.</exception>
    /// <exception cref="FibrilTimeoutException">No answer within the operation timeout.</exception>
    /// <exception cref="FibrilServerException">The broker failed.</exception>
    public async Task<LeaseRenewal> RenewAsync(CancellationToken cancellationToken = default)
    {
        if (_leg.AutoAck) throw SettledWhenSent();
        if (_leg.Spec.IsStream) throw new InvalidOperationException($"There is no lease on {this}: records of a stream are read, not leased.");
        cancellationToken.ThrowIfCancellationRequested();
        if (IsSettled) return new LeaseRenewal(LeaseRenewalOutcome.Lost, RenewedUntil: null);

        DateTimeOffset asked = _leg.Session.Context.Time.GetUtcNow();
        RenewLeaseOkMessage? answer =
            await _leg.Session.RenewAsync(_leg, [_tag], new RenewalRequest(_leg), cancellationToken).ConfigureAwait(false);
        return answer switch
        {
            null => new LeaseRenewal(LeaseRenewalOutcome.NotSupported, RenewedUntil: null),
            { DeadTags.Count: > 0 } => new LeaseRenewal(LeaseRenewalOutcome.Lost, RenewedUntil: null),
            _ => new LeaseRenewal(LeaseRenewalOutcome.Renewed, UnixTime.Later(asked, answer.LeaseMs)),
        };
    }

    /// <summary>From now on the lease is renewed until the message is settled. Before anyone else sees the message.</summary>
    internal void KeepBy(LeaseKeeper keeper) => _heldLease = keeper.Hold(this);

    /// <summary>The application has it now.</summary>
    internal void NoteHandedOut()
    {
        if (_heldLease is { } lease) lease.IsHandedOut = true;
    }
}
