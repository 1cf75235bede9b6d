namespace Fibril.Protocol;

/// <summary>A queue subscription as one side knows it, for reconciliation after a reconnect.</summary>
/// <param name="SubscriptionId">The id that side knows it by.</param>
/// <param name="Topic">Queue topic.</param>
/// <param name="Partition">The partition it is attached to.</param>
/// <param name="Group">Queue namespace as the subscription spelled it; null = absent.</param>
/// <param name="AutoAck">True when sending a delivery settles it.</param>
/// <param name="Prefetch">Most deliveries in flight.</param>
/// <param name="ConsumerGroup">Exclusive cohort; null = none.</param>
/// <param name="ConsumerTarget">Most partitions this member wants; null = no wish.</param>
/// <param name="MemberId">Identity in the cohort; null outside one.</param>
public sealed record SubscriptionDescriptor(
    ulong SubscriptionId,
    string Topic,
    uint Partition,
    string? Group,
    bool AutoAck,
    uint Prefetch,
    string? ConsumerGroup,
    uint? ConsumerTarget,
    Guid? MemberId) : IWireElement<SubscriptionDescriptor>
{
    static int IWireElement<SubscriptionDescriptor>.SmallestBytes => 25;

    int IWireElement<SubscriptionDescriptor>.Measure() =>
        8 + WireWriter.Measure(Topic) + 4 + WireWriter.MeasureOptional(Group) + 1 + 4
        + WireWriter.MeasureOptional(ConsumerGroup) + WireWriter.MeasureOptional(ConsumerTarget) + WireWriter.MeasureOptional(MemberId);

    void IWireElement<SubscriptionDescriptor>.Write(ref WireWriter writer)
    {
        writer.WriteU64(SubscriptionId);
        writer.WriteString(Topic);
        writer.WriteU32(Partition);
        writer.WriteOptional(Group);
        writer.WriteBool(AutoAck);
        writer.WriteU32(Prefetch);
        writer.WriteOptional(ConsumerGroup);
        writer.WriteOptional(ConsumerTarget);
        writer.WriteOptional(MemberId);
    }

    static SubscriptionDescriptor IWireElement<SubscriptionDescriptor>.Read(scoped ref WireReader reader) => new(
        reader.ReadU64(),
        reader.ReadString(),
        reader.ReadU32(),
        reader.ReadOptionalString(),
        reader.ReadBool(),
        reader.ReadU32(),
        reader.ReadOptionalString(),
        reader.ReadOptionalU32(),
        reader.ReadOptionalUuid());
}
