namespace Fibril.Protocol;

/// <summary>One condition on the headers of a record; every clause of a subscription must hold (STR-5).</summary>
/// <param name="Header">Key of the header that must be there, compared exactly.</param>
/// <param name="Pattern">What its value must match; <c>*</c> stands for any run of characters.</param>
public readonly record struct FilterClause(string Header, string Pattern) : IWireElement<FilterClause>
{
    static int IWireElement<FilterClause>.SmallestBytes => 8;

    int IWireElement<FilterClause>.Measure() => WireWriter.Measure(Header) + WireWriter.Measure(Pattern);

    void IWireElement<FilterClause>.Write(ref WireWriter writer)
    {
        writer.WriteString(Header);
        writer.WriteString(Pattern);
    }

    static FilterClause IWireElement<FilterClause>.Read(scoped ref WireReader reader) => new(reader.ReadString(), reader.ReadString());
}

/// <summary>SUBSCRIBE_STREAM: attaches to one partition of a stream; answered by SUBSCRIBE_OK.</summary>
/// <param name="Topic">Stream topic.</param>
/// <param name="Partition">The partition to attach to.</param>
/// <param name="DurableName">Name of the cursor that remembers the place; null = ephemeral.</param>
/// <param name="Start">Where to start. Ignored when <paramref name="DurableName"/> is given.</param>
/// <param name="Filter">All clauses must hold; empty = every record.</param>
/// <param name="Prefetch">Advisory (DLV-8); 0 is treated as 1.</param>
/// <param name="AutoAck">True: the durable cursor moves as records are sent.</param>
public sealed record SubscribeStreamMessage(
    string Topic,
    uint Partition,
    string? DurableName,
    StreamStart Start,
    IReadOnlyList<FilterClause> Filter,
    uint Prefetch,
    bool AutoAck) : IWireMessage<SubscribeStreamMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.SubscribeStream;

    /// <inheritdoc/>
    public static uint Magic => Magics.SubscribeStream;

    /// <inheritdoc/>
    public int MeasureFields() =>
        WireWriter.Measure(Topic) + 4 + WireWriter.MeasureOptional(DurableName) + Start.Measure()
        + WireElements.MeasureList(Filter) + 4 + 1;

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteString(Topic);
        writer.WriteU32(Partition);
        writer.WriteOptional(DurableName);
        Start.Write(ref writer);
        WireElements.WriteList(ref writer, Filter);
        writer.WriteU32(Prefetch);
        writer.WriteBool(AutoAck);
    }

    /// <inheritdoc/>
    public static SubscribeStreamMessage ReadFields(scoped ref WireReader reader) => new(
        reader.ReadString(),
        reader.ReadU32(),
        reader.ReadOptionalString(),
        StreamStart.Read(ref reader),
        WireElements.ReadList<FilterClause>(ref reader),
        reader.ReadU32(),
        reader.ReadBool());
}
