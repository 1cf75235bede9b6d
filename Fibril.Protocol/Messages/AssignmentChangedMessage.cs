namespace Fibril.Protocol;

/// <summary>ASSIGNMENT_CHANGED: the partitions a cohort member has from now on.</summary>
/// <param name="Topic">Queue topic.</param>
/// <param name="Group">Queue namespace; null = absent.</param>
/// <param name="ConsumerGroup">The cohort.</param>
/// <param name="Generation">Grows with every rebalance of this cohort.</param>
/// <param name="Assigned">The member's full set.</param>
/// <param name="Added">Gained since the previous push.</param>
/// <param name="Revoked">Lost since the previous push.</param>
public sealed record AssignmentChangedMessage(
    string Topic,
    string? Group,
    string ConsumerGroup,
    ulong Generation,
    IReadOnlyList<uint> Assigned,
    IReadOnlyList<uint> Added,
    IReadOnlyList<uint> Revoked) : IWireMessage<AssignmentChangedMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.AssignmentChanged;

    /// <inheritdoc/>
    public static uint Magic => Magics.AssignmentChanged;

    /// <inheritdoc/>
    public int MeasureFields() =>
        WireWriter.Measure(Topic) + WireWriter.MeasureOptional(Group) + WireWriter.Measure(ConsumerGroup) + 8
        + WireElements.MeasureNumbers(Assigned) + WireElements.MeasureNumbers(Added) + WireElements.MeasureNumbers(Revoked);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteString(Topic);
        writer.WriteOptional(Group);
        writer.WriteString(ConsumerGroup);
        writer.WriteU64(Generation);
        WireElements.WriteNumbers(ref writer, Assigned);
        WireElements.WriteNumbers(ref writer, Added);
        WireElements.WriteNumbers(ref writer, Revoked);
    }

    /// <inheritdoc/>
    public static AssignmentChangedMessage ReadFields(scoped ref WireReader reader) => new(
        reader.ReadString(),
        reader.ReadOptionalString(),
        reader.ReadString(),
        reader.ReadU64(),
        WireElements.ReadNumbers(ref reader),
        WireElements.ReadNumbers(ref reader),
        WireElements.ReadNumbers(ref reader));
}
