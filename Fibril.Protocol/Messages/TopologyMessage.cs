namespace Fibril.Protocol;

/// <summary>TOPOLOGY: asks which broker owns what.</summary>
/// <param name="Topic">Only this topic; null = everything.</param>
/// <param name="Group">Only queues of this namespace; ignored without <paramref name="Topic"/>.</param>
public sealed record TopologyMessage(string? Topic, string? Group) : IWireMessage<TopologyMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.Topology;

    /// <inheritdoc/>
    public static uint Magic => Magics.Topology;

    /// <inheritdoc/>
    public int MeasureFields() => WireWriter.MeasureOptional(Topic) + WireWriter.MeasureOptional(Group);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteOptional(Topic);
        writer.WriteOptional(Group);
    }

    /// <inheritdoc/>
    public static TopologyMessage ReadFields(scoped ref WireReader reader) =>
        new(reader.ReadOptionalString(), reader.ReadOptionalString());
}

/// <summary>TOPOLOGY_OK: what TOPOLOGY asked for; empty rather than "not found".</summary>
/// <param name="Snapshot">As far as the request's filter lets through.</param>
public sealed record TopologyOkMessage(TopologySnapshot Snapshot) : IWireMessage<TopologyOkMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.TopologyOk;

    /// <inheritdoc/>
    public static uint Magic => Magics.TopologyOk;

    /// <inheritdoc/>
    public int MeasureFields() => Snapshot.Measure();

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer) => Snapshot.Write(ref writer);

    /// <inheritdoc/>
    public static TopologyOkMessage ReadFields(scoped ref WireReader reader) => new(TopologySnapshot.Read(ref reader));
}
