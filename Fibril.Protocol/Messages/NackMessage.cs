namespace Fibril.Protocol;

/// <summary>NACK: the deliveries are given back, or failed for good.</summary>
public ref struct NackMessage : IWireMessage<NackMessage>
{
    /// <summary>Subscription key.</summary>
    public ReadOnlySpan<byte> Topic { get; set; }

    /// <summary>Subscription key.</summary>
    public OptionalUtf8 Group { get; set; }

    /// <summary>Subscription key.</summary>
    public uint Partition { get; set; }

    /// <summary>Delivery tags to settle; each is judged by itself.</summary>
    public TagList Tags { get; set; }

    /// <summary>True: deliver again. False: the message failed for good.</summary>
    public bool Requeue { get; set; }

    /// <summary>With <see cref="Requeue"/> only: Unix milliseconds before which it is not delivered again.</summary>
    public ulong? NotBefore { get; set; }

    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.Nack;

    /// <inheritdoc/>
    public static uint Magic => Magics.Nack;

    /// <inheritdoc/>
    public readonly int MeasureFields() =>
        4 + Topic.Length + Group.Measure() + 4 + Tags.Measure() + 1 + WireWriter.MeasureOptional(NotBefore);

    /// <inheritdoc/>
    public readonly void WriteFields(ref WireWriter writer)
    {
        writer.WriteBytes(Topic);
        Group.Write(ref writer);
        writer.WriteU32(Partition);
        Tags.Write(ref writer);
        writer.WriteBool(Requeue);
        writer.WriteOptional(NotBefore);
    }

    /// <inheritdoc/>
    public static NackMessage ReadFields(scoped ref WireReader reader) => new()
    {
        Topic = reader.ReadUtf8(),
        Group = OptionalUtf8.Read(ref reader),
        Partition = reader.ReadU32(),
        Tags = TagList.Read(ref reader),
        Requeue = reader.ReadBool(),
        NotBefore = reader.ReadOptionalU64(),
    };
}
