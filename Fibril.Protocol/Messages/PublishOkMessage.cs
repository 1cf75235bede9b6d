namespace Fibril.Protocol;

/// <summary>PUBLISH_OK: the record has the durability its queue or stream promises.</summary>
/// <param name="Offset">Offset of the record in its partition, from 0.</param>
public readonly record struct PublishOkMessage(ulong Offset) : IWireMessage<PublishOkMessage>
{
    /// <summary>Size of the whole frame, header included, in bytes.</summary>
    public const int FrameBytes = FrameHeader.Size + 12;

    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.PublishOk;

    /// <inheritdoc/>
    public static uint Magic => Magics.PublishOk;

    /// <inheritdoc/>
    public int MeasureFields() => 8;

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer) => writer.WriteU64(Offset);

    /// <inheritdoc/>
    public static PublishOkMessage ReadFields(scoped ref WireReader reader) => new(reader.ReadU64());
}
