namespace Fibril.Protocol;

/// <summary>ACK: the deliveries are done for good. Addressed by the subscription's key; there is no subscription id.</summary>
public ref struct AckMessage : IWireMessage<AckMessage>
{
    /// <summary>Subscription key.</summary>
    public ReadOnlySpan<byte> Topic { get; set; }

    /// <summary>Subscription key.</summary>
    public OptionalUtf8 Group { get; set; }

    /// <summary>Subscription key.</summary>
    public uint Partition { get; set; }

    /// <summary>Delivery tags to settle; each is judged by itself.</summary>
    public TagList Tags { get; set; }

    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.Ack;

    /// <inheritdoc/>
    public static uint Magic => Magics.Ack;

    /// <inheritdoc/>
    public readonly int MeasureFields() => 4 + Topic.Length + Group.Measure() + 4 + Tags.Measure();

    /// <inheritdoc/>
    public readonly void WriteFields(ref WireWriter writer)
    {
        writer.WriteBytes(Topic);
        Group.Write(ref writer);
        writer.WriteU32(Partition);
        Tags.Write(ref writer);
    }

    /// <inheritdoc/>
    public static AckMessage ReadFields(scoped ref WireReader reader) => new()
    {
        Topic = reader.ReadUtf8(),
        Group = OptionalUtf8.Read(ref reader),
        Partition = reader.ReadU32(),
        Tags = TagList.Read(ref reader),
    };
}
