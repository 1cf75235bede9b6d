namespace Fibril.Protocol;

/// <summary>GOING_AWAY: the broker will stop. Sent under request id 0.</summary>
/// <param name="GraceMs">Milliseconds for which the broker expects to go on serving.</param>
/// <param name="Message">For people.</param>
public sealed record GoingAwayMessage(ulong GraceMs, string Message) : IWireMessage<GoingAwayMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.GoingAway;

    /// <inheritdoc/>
    public static uint Magic => Magics.GoingAway;

    /// <inheritdoc/>
    public int MeasureFields() => 8 + WireWriter.Measure(Message);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteU64(GraceMs);
        writer.WriteString(Message);
    }

    /// <inheritdoc/>
    public static GoingAwayMessage ReadFields(scoped ref WireReader reader) => new(reader.ReadU64(), reader.ReadString());
}
