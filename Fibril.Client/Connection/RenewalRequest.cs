using Fibril.Client.Consuming;
using Fibril.Protocol;

namespace Fibril.Client.Connection;

/// <summary>A request for new leases of one leg's deliveries.</summary>
/// <param name="leg">Whose deliveries they are.</param>
/// <param name="onReply">Sees the answer on the receive loop, before any frame that came behind it.</param>
internal sealed class RenewalRequest(SubscriptionLeg leg, Action<RenewLeaseOkMessage>? onReply = null)
    : Request<RenewLeaseOkMessage>($"a request for new leases of {leg}")
{
    protected override void OnReply(RenewLeaseOkMessage reply) => onReply?.Invoke(reply);
}
