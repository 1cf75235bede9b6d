namespace Fibril.Protocol;

/// <summary>TOPOLOGY_UPDATE: pushed when routing changed.</summary>
/// <param name="Snapshot">Always complete .</param>
public sealed record TopologyUpdateMessage(TopologySnapshot Snapshot) : IWireMessage<TopologyUpdateMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.TopologyUpdate;

    /// <inheritdoc/>
    public static uint Magic => Magics.TopologyUpdate;

    /// <inheritdoc/>
    public int MeasureFields() => Snapshot.Measure();

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer) => Snapshot.Write(ref writer);

    /// <inheritdoc/>
    public static TopologyUpdateMessage ReadFields(scoped ref WireReader reader) => new(TopologySnapshot.Read(ref reader));
}

/// <summary>TOPOLOGY_UPDATE_ACK: answers TOPOLOGY_UPDATE under its request id; gets no reply.</summary>
/// <param name="Generation">What the client routes by now: may be lower or higher than what was pushed.</param>
public readonly record struct TopologyUpdateAckMessage(ulong Generation) : IWireMessage<TopologyUpdateAckMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.TopologyUpdateAck;

    /// <inheritdoc/>
    public static uint Magic => Magics.TopologyUpdateAck;

    /// <inheritdoc/>
    public int MeasureFields() => 8;

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer) => writer.WriteU64(Generation);

    /// <inheritdoc/>
    public static TopologyUpdateAckMessage ReadFields(scoped ref WireReader reader) => new(reader.ReadU64());
}
