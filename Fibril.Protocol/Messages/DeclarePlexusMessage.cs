namespace Fibril.Protocol;

/// <summary>Limits of what a stream keeps; a record goes when any of them is passed. Null = no such limit.</summary>
/// <param name="MaxAgeMs">Longest age of a record, in milliseconds.</param>
/// <param name="MaxBytes">Most bytes to keep.</param>
/// <param name="MaxRecords">Most records to keep.</param>
public readonly record struct StreamRetention(ulong? MaxAgeMs, ulong? MaxBytes, ulong? MaxRecords)
{
    internal int Measure() =>
        WireWriter.MeasureOptional(MaxAgeMs) + WireWriter.MeasureOptional(MaxBytes) + WireWriter.MeasureOptional(MaxRecords);

    internal void Write(ref WireWriter writer)
    {
        writer.WriteOptional(MaxAgeMs);
        writer.WriteOptional(MaxBytes);
        writer.WriteOptional(MaxRecords);
    }

    internal static StreamRetention Read(scoped ref WireReader reader) =>
        new(reader.ReadOptionalU64(), reader.ReadOptionalU64(), reader.ReadOptionalU64());
}

/// <summary>DECLARE_PLEXUS: creates a stream. Streams have no group.</summary>
/// <param name="Topic">Stream topic.</param>
/// <param name="PartitionCount">Null = the server's default; 0 counts as 1.</param>
/// <param name="Durability">When records are delivered and confirmed.</param>
/// <param name="Retention">What to keep.</param>
/// <param name="ReplicationFactor">Followers of the durable tier; null = the cluster's default, 0 = the owner alone.</param>
public sealed record DeclarePlexusMessage(
    string Topic, uint? PartitionCount, Durability Durability, StreamRetention Retention, uint? ReplicationFactor)
    : IWireMessage<DeclarePlexusMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.DeclarePlexus;

    /// <inheritdoc/>
    public static uint Magic => Magics.DeclarePlexus;

    /// <inheritdoc/>
    public int MeasureFields() =>
        WireWriter.Measure(Topic) + WireWriter.MeasureOptional(PartitionCount) + 1 + Retention.Measure()
        + WireWriter.MeasureOptional(ReplicationFactor);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteString(Topic);
        writer.WriteOptional(PartitionCount);
        writer.WriteU8((byte)Durability);
        Retention.Write(ref writer);
        writer.WriteOptional(ReplicationFactor);
    }

    /// <inheritdoc/>
    public static DeclarePlexusMessage ReadFields(scoped ref WireReader reader) => new(
        reader.ReadString(),
        reader.ReadOptionalU32(),
        (Durability)reader.ReadClosed8((byte)Durability.Durable),
        StreamRetention.Read(ref reader),
        reader.ReadOptionalU32());
}

/// <summary>DECLARE_PLEXUS_OK: the declaration is stored.</summary>
/// <param name="Status">Informational; <see cref="ProtocolDefaults.DeclaredStatus"/>.</param>
/// <param name="PartitionCount">The count in force, at least 1.</param>
public sealed record DeclarePlexusOkMessage(string Status, uint PartitionCount) : IWireMessage<DeclarePlexusOkMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.DeclarePlexusOk;

    /// <inheritdoc/>
    public static uint Magic => Magics.DeclarePlexusOk;

    /// <inheritdoc/>
    public int MeasureFields() => WireWriter.Measure(Status) + 4;

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteString(Status);
        writer.WriteU32(PartitionCount);
    }

    /// <inheritdoc/>
    public static DeclarePlexusOkMessage ReadFields(scoped ref WireReader reader) => new(reader.ReadString(), reader.ReadU32());
}
