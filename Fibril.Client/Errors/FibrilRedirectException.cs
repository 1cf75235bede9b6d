using Fibril.Protocol;

namespace Fibril.Client;

/// <summary>
/// Another broker owns the partition. Transient: the request had no effect here and can be made there. Confirmed publishes and subscriptions
/// follow redirects by themselves; a pipelined publish that meets one fails with it.
/// </summary>
public sealed class FibrilRedirectException : FibrilException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="owner">Where to go.</param>
    /// <param name="request">What was asked, for the message of this exception.</param>
    public FibrilRedirectException(BrokerAddress owner, string request)
        : base($"The broker does not own what {request} is for; {owner?.Host}:{owner?.Port} does.", isTransient: true) =>
        Owner = owner ?? throw new ArgumentNullException(nameof(owner));

    /// <summary>The owner, as the broker spells it.</summary>
    public BrokerAddress Owner { get; }

    /// <summary>How the channel is split now; newer than the client's picture when the partition was chosen by an old one.</summary>
    internal ulong PartitioningVersion { get; init; }
}
