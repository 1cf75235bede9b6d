namespace Fibril.Protocol;

/// <summary>SUBSCRIBE_OK: the subscription exists; answers SUBSCRIBE and SUBSCRIBE_STREAM, ahead of the first delivery .</summary>
/// <param name="SubscriptionId">At least 1, unique in the session over queues and streams, never reused .</param>
/// <param name="Topic">As requested.</param>
/// <param name="Partition">As requested.</param>
/// <param name="Group">Spelled as requested; null for streams.</param>
/// <param name="Prefetch">The prefetch in force, at least 1 .</param>
/// <param name="ConsumerGroup">As requested; null for streams.</param>
/// <param name="ConsumerTarget">As requested; null for streams.</param>
/// <param name="MemberId">Identity in the cohort; present exactly when <paramref name="ConsumerGroup"/> is.</param>
public sealed record SubscribeOkMessage(
    ulong SubscriptionId,
    string Topic,
    uint Partition,
    string? Group,
    uint Prefetch,
    string? ConsumerGroup,
    uint? ConsumerTarget,
    Guid? MemberId) : IWireMessage<SubscribeOkMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.SubscribeOk;

    /// <inheritdoc/>
    public static uint Magic => Magics.SubscribeOk;

    /// <inheritdoc/>
    public int MeasureFields() =>
        8 + WireWriter.Measure(Topic) + 4 + WireWriter.MeasureOptional(Group) + 4
        + WireWriter.MeasureOptional(ConsumerGroup) + WireWriter.MeasureOptional(ConsumerTarget) + WireWriter.MeasureOptional(MemberId);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteU64(SubscriptionId);
        writer.WriteString(Topic);
        writer.WriteU32(Partition);
        writer.WriteOptional(Group);
        writer.WriteU32(Prefetch);
        writer.WriteOptional(ConsumerGroup);
        writer.WriteOptional(ConsumerTarget);
        writer.WriteOptional(MemberId);
    }

    /// <inheritdoc/>
    public static SubscribeOkMessage ReadFields(scoped ref WireReader reader) => new(
        reader.ReadU64(),
        reader.ReadString(),
        reader.ReadU32(),
        reader.ReadOptionalString(),
        reader.ReadU32(),
        reader.ReadOptionalString(),
        reader.ReadOptionalU32(),
        reader.ReadOptionalUuid());
}
