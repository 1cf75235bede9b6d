using Fibril.Client.Consuming;
using Fibril.Protocol;

namespace Fibril.Client.Connection;

internal sealed partial class FibrilConnection
{
    private bool _cannotRenew;

    /// <summary>Asks for new leases of deliveries of one leg.</summary>
    /// <param name="leg">Whose deliveries they are.</param>
    /// <param name="tags">The deliveries; none only asks how long a lease is.</param>
    /// <param name="request">Takes the answer.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The answer; null when the broker does not know the operation. It is asked once per connection.</returns>
    /// <exception cref="FibrilException">The broker did not answer in time, failed, or is gone.</exception>
    public async Task<RenewLeaseOkMessage?> RenewAsync(
        SubscriptionLeg leg, IReadOnlyList<ulong> tags, RenewalRequest request, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _cannotRenew)) return null;
        try
        {
            var message = new RenewLeaseMessage(leg.Queue.Topic, leg.Queue.Group, leg.Partition, tags);
            return await RequestAsync(message, request, cancellationToken).ConfigureAwait(false);
        }
        catch (FibrilServerException refusal) when (refusal.Code == ErrorCode.Invalid)
        {
            // There is nothing in it that a broker who knows the operation could find wrong (ENC-3).
            if (!Interlocked.Exchange(ref _cannotRenew, true)) _logger.RenewalNotSupported(_endpoint, refusal.ServerMessage);
            return null;
        }
    }
}
