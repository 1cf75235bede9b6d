namespace Fibril.Protocol;

/// <summary>SUBSCRIBE: attaches to one partition of a queue. A subscription to the whole queue is one of these per partition.</summary>
/// <param name="Topic">Queue topic.</param>
/// <param name="Partition">The partition to attach to.</param>
/// <param name="Group">Queue namespace; null = absent.</param>
/// <param name="Prefetch">Most deliveries in flight; 0 is treated as 1.</param>
/// <param name="AutoAck">True: sending a delivery settles it.</param>
/// <param name="ConsumerGroup">Exclusive cohort to join; null = compete with the other consumers.</param>
/// <param name="ConsumerTarget">Most partitions this member wants, as a wish; null = no wish. Means nothing outside a cohort.</param>
/// <param name="MemberId">Identity in the cohort; null asks the server for one. Means nothing outside a cohort.</param>
public sealed record SubscribeMessage(
    string Topic,
    uint Partition,
    string? Group,
    uint Prefetch,
    bool AutoAck,
    string? ConsumerGroup,
    uint? ConsumerTarget,
    Guid? MemberId) : IWireMessage<SubscribeMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.Subscribe;

    /// <inheritdoc/>
    public static uint Magic => Magics.Subscribe;

    /// <inheritdoc/>
    public int MeasureFields() =>
        WireWriter.Measure(Topic) + 4 + WireWriter.MeasureOptional(Group) + 4 + 1
        + WireWriter.MeasureOptional(ConsumerGroup) + WireWriter.MeasureOptional(ConsumerTarget) + WireWriter.MeasureOptional(MemberId);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteString(Topic);
        writer.WriteU32(Partition);
        writer.WriteOptional(Group);
        writer.WriteU32(Prefetch);
        writer.WriteBool(AutoAck);
        writer.WriteOptional(ConsumerGroup);
        writer.WriteOptional(ConsumerTarget);
        writer.WriteOptional(MemberId);
    }

    /// <inheritdoc/>
    public static SubscribeMessage ReadFields(scoped ref WireReader reader) => new(
        reader.ReadString(),
        reader.ReadU32(),
        reader.ReadOptionalString(),
        reader.ReadU32(),
        reader.ReadBool(),
        reader.ReadOptionalString(),
        reader.ReadOptionalU32(),
        reader.ReadOptionalUuid());
}
