namespace Fibril.Protocol;

/// <summary>RENEW_LEASE_OK: the leases that were asked for run anew, except those that are over.</summary>
/// <remarks>An extension of this project; sent as the reply to <see cref="RenewLeaseMessage"/> only, so no other client ever gets it.</remarks>
/// <param name="LeaseMs">
/// How long a lease of the queue runs from its renewal, by the broker's clock, in milliseconds; 0 when the session has no such subscription.
/// </param>
/// <param name="DeadTags">The tags of the request that hold no lease of this subscription, in the order of the request.</param>
public sealed record RenewLeaseOkMessage(ulong LeaseMs, IReadOnlyList<ulong> DeadTags) : IWireMessage<RenewLeaseOkMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.RenewLeaseOk;

    /// <inheritdoc/>
    public static uint Magic => Magics.RenewLeaseOk;

    /// <inheritdoc/>
    public int MeasureFields() => 8 + WireElements.MeasureNumbers(DeadTags);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteU64(LeaseMs);
        WireElements.WriteNumbers(ref writer, DeadTags);
    }

    /// <inheritdoc/>
    public static RenewLeaseOkMessage ReadFields(scoped ref WireReader reader) =>
        new(reader.ReadU64(), WireElements.ReadLongNumbers(ref reader));
}
