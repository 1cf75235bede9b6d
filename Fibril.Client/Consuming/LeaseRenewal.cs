namespace Fibril.Client;

/// <summary>What became of a request for more time.</summary>
public enum LeaseRenewalOutcome
{
    /// <summary>The message is this consumer's for another whole lease time.</summary>
    Renewed = 1,

    /// <summary>
    /// The lease is over: it expired, its subscription ended, or the message was settled. Someone else may be working on the message already,
    /// and settling it here has no effect.
    /// </summary>
    Lost = 2,

    /// <summary>The broker is older than the operation. The lease runs on as it was; settle before it ends.</summary>
    NotSupported = 3,
}

/// <summary>The answer to a request for more time.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="RenewedUntil">
/// Until when the lease runs at least, by this machine's clock: counted from the moment of asking, which is before the broker counts. Null
/// unless it was renewed.
/// </param>
public readonly record struct LeaseRenewal(LeaseRenewalOutcome Outcome, DateTimeOffset? RenewedUntil);
