namespace Fibril.Protocol;

/// <summary>REDIRECT: another broker owns the partition, or the request was routed by an old partitioning.</summary>
/// <param name="Topic">As in the request.</param>
/// <param name="Partition">As in the request.</param>
/// <param name="Group">Spelled as in the request; null for streams.</param>
/// <param name="OwnerEndpoints">Where to go. Never empty, and the first one must work: clients try no other .</param>
/// <param name="PartitioningVersion">The version in force.</param>
public sealed record RedirectMessage(
    string Topic, uint Partition, string? Group, IReadOnlyList<BrokerAddress> OwnerEndpoints, ulong PartitioningVersion)
    : IWireMessage<RedirectMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.Redirect;

    /// <inheritdoc/>
    public static uint Magic => Magics.Redirect;

    /// <inheritdoc/>
    public int MeasureFields() =>
        WireWriter.Measure(Topic) + 4 + WireWriter.MeasureOptional(Group) + WireElements.MeasureList(OwnerEndpoints) + 8;

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteString(Topic);
        writer.WriteU32(Partition);
        writer.WriteOptional(Group);
        WireElements.WriteList(ref writer, OwnerEndpoints);
        writer.WriteU64(PartitioningVersion);
    }

    /// <inheritdoc/>
    public static RedirectMessage ReadFields(scoped ref WireReader reader) => new(
        reader.ReadString(),
        reader.ReadU32(),
        reader.ReadOptionalString(),
        WireElements.ReadList<BrokerAddress>(ref reader),
        reader.ReadU64());
}
