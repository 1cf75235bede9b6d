namespace Fibril.Protocol;

/// <summary>DECLARE_QUEUE: creates a queue, or changes what is given here and leaves the rest of an existing one as it is.</summary>
/// <param name="Topic">Queue topic.</param>
/// <param name="Group">Queue namespace; null = absent.</param>
/// <param name="DeadLetterPolicy">Where messages go that failed for good; null = as it is.</param>
/// <param name="DeadLetterMaxRetries">Redeliveries before a message counts as failed for good; null = as it is.</param>
/// <param name="PartitionCount">Null = the server's default; 0 counts as 1.</param>
/// <param name="DefaultMessageTtlMs">
/// Milliseconds after receipt at which messages without their own limit expire; null = as it is. Older peers cannot send it (ENC-2).
/// </param>
public sealed record DeclareQueueMessage(
    string Topic,
    string? Group,
    DeadLetterPolicy? DeadLetterPolicy,
    uint? DeadLetterMaxRetries,
    uint? PartitionCount,
    ulong? DefaultMessageTtlMs) : IWireMessage<DeclareQueueMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.DeclareQueue;

    /// <inheritdoc/>
    public static uint Magic => Magics.DeclareQueue;

    /// <inheritdoc/>
    public int MeasureFields() =>
        WireWriter.Measure(Topic) + WireWriter.MeasureOptional(Group) + WireElements.MeasureOptional(DeadLetterPolicy)
        + WireWriter.MeasureOptional(DeadLetterMaxRetries) + WireWriter.MeasureOptional(PartitionCount)
        + WireWriter.MeasureOptional(DefaultMessageTtlMs);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteString(Topic);
        writer.WriteOptional(Group);
        WireElements.WriteOptional(ref writer, DeadLetterPolicy);
        writer.WriteOptional(DeadLetterMaxRetries);
        writer.WriteOptional(PartitionCount);
        writer.WriteOptional(DefaultMessageTtlMs);
    }

    /// <inheritdoc/>
    public static DeclareQueueMessage ReadFields(scoped ref WireReader reader) => new(
        reader.ReadString(),
        reader.ReadOptionalString(),
        WireElements.ReadOptional<DeadLetterPolicy>(ref reader),
        reader.ReadOptionalU32(),
        reader.ReadOptionalU32(),
        reader.AtEnd ? null : reader.ReadOptionalU64());
}

/// <summary>DECLARE_QUEUE_OK: the declaration is stored.</summary>
/// <param name="Status">Informational; <see cref="ProtocolDefaults.DeclaredStatus"/>.</param>
/// <param name="PartitionCount">The count in force, at least 1.</param>
public sealed record DeclareQueueOkMessage(string Status, uint PartitionCount) : IWireMessage<DeclareQueueOkMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.DeclareQueueOk;

    /// <inheritdoc/>
    public static uint Magic => Magics.DeclareQueueOk;

    /// <inheritdoc/>
    public int MeasureFields() => WireWriter.Measure(Status) + 4;

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteString(Status);
        writer.WriteU32(PartitionCount);
    }

    /// <inheritdoc/>
    public static DeclareQueueOkMessage ReadFields(scoped ref WireReader reader) => new(reader.ReadString(), reader.ReadU32());
}
