namespace Fibril.Protocol;

/// <summary>What the server may do about subscriptions it does not have. Frozen, and closed: an unknown value is malformed.</summary>
public enum ReconcilePolicy : byte
{
    /// <summary>Make nothing again; tell the client. What clients send by default.</summary>
    Conservative = 0,
    /// <summary>Make missing subscriptions again.</summary>
    Restore = 1,
}

/// <summary>RECONCILE_CLIENT: the queue subscriptions a client still holds after a reconnect.</summary>
/// <param name="Policy">What to do about those the server does not have.</param>
/// <param name="Subscriptions">With the ids of the previous connection.</param>
public sealed record ReconcileClientMessage(ReconcilePolicy Policy, IReadOnlyList<SubscriptionDescriptor> Subscriptions)
    : IWireMessage<ReconcileClientMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.ReconcileClient;

    /// <inheritdoc/>
    public static uint Magic => Magics.ReconcileClient;

    /// <inheritdoc/>
    public int MeasureFields() => 1 + WireElements.MeasureList(Subscriptions);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteU8((byte)Policy);
        WireElements.WriteList(ref writer, Subscriptions);
    }

    /// <inheritdoc/>
    public static ReconcileClientMessage ReadFields(scoped ref WireReader reader) => new(
        (ReconcilePolicy)reader.ReadClosed8((byte)ReconcilePolicy.Restore),
        WireElements.ReadList<SubscriptionDescriptor>(ref reader));
}
