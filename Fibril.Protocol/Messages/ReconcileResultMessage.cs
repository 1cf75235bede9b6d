namespace Fibril.Protocol;

/// <summary>What a client does with a subscription after reconciliation. Frozen, and closed: an unknown value is malformed.</summary>
public enum ReconcileAction : byte
{
    /// <summary>Go on under the server's subscription id.</summary>
    Keep = 0,
    /// <summary>End the subscription and tell the application why.</summary>
    CloseClientSide = 1,
    /// <summary>Nothing: the server dropped one the client had not listed.</summary>
    CloseServerSide = 2,
    /// <summary>Subscribe again, or end it if the application wanted no automatic resubscription.</summary>
    RecreateClientSide = 3,
}

/// <summary>The verdict about one subscription.</summary>
/// <param name="Client">The client's entry; null when the client did not list it.</param>
/// <param name="Server">The server's entry; null when the server does not have it.</param>
/// <param name="Action">What the client does.</param>
/// <param name="Code">Why; unknown values are kept.</param>
/// <param name="Reason">The fixed text that belongs to <paramref name="Code"/>, see <see cref="CloseReasons.TokenOf"/>.</param>
public readonly record struct ReconcileVerdict(
    SubscriptionDescriptor? Client, SubscriptionDescriptor? Server, ReconcileAction Action, CloseReason Code, string Reason)
    : IWireElement<ReconcileVerdict>
{
    static int IWireElement<ReconcileVerdict>.SmallestBytes => 7;

    int IWireElement<ReconcileVerdict>.Measure() =>
        WireElements.MeasureOptional(Client) + WireElements.MeasureOptional(Server) + 1 + WireWriter.Measure(Reason);

    void IWireElement<ReconcileVerdict>.Write(ref WireWriter writer)
    {
        WireElements.WriteOptional(ref writer, Client);
        WireElements.WriteOptional(ref writer, Server);
        writer.WriteU8((byte)Action);
        writer.WriteString(Reason);
    }

    static ReconcileVerdict IWireElement<ReconcileVerdict>.Read(scoped ref WireReader reader) => new(
        WireElements.ReadOptional<SubscriptionDescriptor>(ref reader),
        WireElements.ReadOptional<SubscriptionDescriptor>(ref reader),
        (ReconcileAction)reader.ReadClosed8((byte)ReconcileAction.RecreateClientSide),
        CloseReason.Unspecified,
        reader.ReadString());
}

/// <summary>RECONCILE_RESULT: a verdict for every subscription that either side holds.</summary>
/// <param name="Verdicts">Their codes travel behind the whole list; older peers send none, which reads as unspecified (ENC-2).</param>
public sealed record ReconcileResultMessage(IReadOnlyList<ReconcileVerdict> Verdicts) : IWireMessage<ReconcileResultMessage>
{
    private const int CodeBytes = 2;

    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.ReconcileResult;

    /// <inheritdoc/>
    public static uint Magic => Magics.ReconcileResult;

    /// <inheritdoc/>
    public int MeasureFields() => WireElements.MeasureList(Verdicts) + (CodeBytes * Verdicts.Count);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        WireElements.WriteList(ref writer, Verdicts);
        for (int i = 0; i < Verdicts.Count; i++) writer.WriteU16((ushort)Verdicts[i].Code);
    }

    /// <inheritdoc/>
    public static ReconcileResultMessage ReadFields(scoped ref WireReader reader)
    {
        ReconcileVerdict[] verdicts = WireElements.ReadList<ReconcileVerdict>(ref reader);
        if (reader.AtEnd) return new ReconcileResultMessage(verdicts);

        for (int i = 0; i < verdicts.Length && !reader.Failed; i++)
            verdicts[i] = verdicts[i] with { Code = (CloseReason)reader.ReadU16() };
        return new ReconcileResultMessage(verdicts);
    }
}
