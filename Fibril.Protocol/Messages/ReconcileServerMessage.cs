namespace Fibril.Protocol;

/// <summary>RECONCILE_SERVER: the server's view of a session. Reserved: servers of version 1 never send it, clients ignore it.</summary>
/// <param name="Subscriptions">The queue subscriptions the server holds.</param>
public sealed record ReconcileServerMessage(IReadOnlyList<SubscriptionDescriptor> Subscriptions) : IWireMessage<ReconcileServerMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.ReconcileServer;

    /// <inheritdoc/>
    public static uint Magic => Magics.ReconcileServer;

    /// <inheritdoc/>
    public int MeasureFields() => WireElements.MeasureList(Subscriptions);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer) => WireElements.WriteList(ref writer, Subscriptions);

    /// <inheritdoc/>
    public static ReconcileServerMessage ReadFields(scoped ref WireReader reader) =>
        new(WireElements.ReadList<SubscriptionDescriptor>(ref reader));
}
