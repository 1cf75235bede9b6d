namespace Fibril.Protocol;

/// <summary>SUBSCRIPTION_CLOSED: the server ended a subscription. Follows its last delivery (FRM-17).</summary>
/// <param name="SubscriptionId">The subscription.</param>
/// <param name="Code">Decides whether a client subscribes again; unknown values are kept.</param>
/// <param name="Message">For people.</param>
public sealed record SubscriptionClosedMessage(ulong SubscriptionId, CloseReason Code, string Message)
    : IWireMessage<SubscriptionClosedMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.SubscriptionClosed;

    /// <inheritdoc/>
    public static uint Magic => Magics.SubscriptionClosed;

    /// <inheritdoc/>
    public int MeasureFields() => 8 + 2 + WireWriter.Measure(Message);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteU64(SubscriptionId);
        writer.WriteU16((ushort)Code);
        writer.WriteString(Message);
    }

    /// <inheritdoc/>
    public static SubscriptionClosedMessage ReadFields(scoped ref WireReader reader) =>
        new(reader.ReadU64(), (CloseReason)reader.ReadU16(), reader.ReadString());
}
