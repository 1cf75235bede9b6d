namespace Fibril.Protocol;

/// <summary>RENEW_LEASE: the client is still working on deliveries and asks for a new lease on each of them.</summary>
/// <remarks>
/// An extension of this project. A broker that does not know it answers ERROR 400 under the request's id and goes on (ENC-3).
/// </remarks>
/// <param name="Topic">Subscription key.</param>
/// <param name="Group">Subscription key; null = absent.</param>
/// <param name="Partition">Subscription key.</param>
/// <param name="Tags">Delivery tags; each is judged by itself. None only asks how long a lease is.</param>
public sealed record RenewLeaseMessage(string Topic, string? Group, uint Partition, IReadOnlyList<ulong> Tags) : IWireMessage<RenewLeaseMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.RenewLease;

    /// <inheritdoc/>
    public static uint Magic => Magics.RenewLease;

    /// <inheritdoc/>
    public int MeasureFields() =>
        WireWriter.Measure(Topic) + WireWriter.MeasureOptional(Group) + 4 + WireElements.MeasureNumbers(Tags);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteString(Topic);
        writer.WriteOptional(Group);
        writer.WriteU32(Partition);
        WireElements.WriteNumbers(ref writer, Tags);
    }

    /// <inheritdoc/>
    public static RenewLeaseMessage ReadFields(scoped ref WireReader reader) => new(
        reader.ReadString(),
        reader.ReadOptionalString(),
        reader.ReadU32(),
        WireElements.ReadLongNumbers(ref reader));
}
