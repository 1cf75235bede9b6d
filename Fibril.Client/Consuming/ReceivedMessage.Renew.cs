using Fibril.Client.Connection;
using Fibril.Client.Consuming;
using Fibril.Protocol;

namespace Fibril.Client;

public sealed partial class ReceivedMessage
{
    private HeldLease? _heldLease;

    internal ulong DeliveryTag => _tag;

    /// <summary>Asks the broker for a new lease: as much time for this message as if it had been delivered now. Counts as no retry.</summary>
    /// <param name="cancellationToken">Ends the waiting; the lease may be renewed nevertheless.</param>
    /// <returns>Whether there is a new lease, and until when it runs.</returns>
    /// <remarks>Not needed for messages of a subscription with <see cref="SubscribeOptions.AutoRenew"/>, and does no harm there.</remarks>
    /// <exception cref="InvalidOperationException">The subscription settles by itself: there is no lease.</exception>
    /// <exception cref="FibrilConnectionException">The connection is gone, and the lease with it.</exception>
    /// <exception cref="FibrilTimeoutException">No answer within the operation timeout.</exception>
    /// <exception cref="FibrilServerException">The broker failed.</exception>
    public async Task<LeaseRenewal> RenewAsync(CancellationToken cancellationToken = default)
    {
        if (_leg.AutoAck) throw SettledWhenSent();
        cancellationToken.ThrowIfCancellationRequested();
        if (IsSettled) return new LeaseRenewal(LeaseRenewalOutcome.Lost, RenewedUntil: null);

        DateTimeOffset asked = _leg.Connection.Time.GetUtcNow();
        RenewLeaseOkMessage? answer =
            await _leg.Connection.RenewAsync(_leg, [_tag], new RenewalRequest(_leg), cancellationToken).ConfigureAwait(false);
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
