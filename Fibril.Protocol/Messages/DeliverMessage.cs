namespace Fibril.Protocol;

/// <summary>DELIVER: one message for one subscription. A view of the bytes it was read from, or will be written to.</summary>
public ref struct DeliverMessage : IWireMessage<DeliverMessage>
{
    /// <summary>The subscription.</summary>
    public ulong SubscriptionId { get; set; }

    /// <summary>Equal to the subscription's.</summary>
    public ReadOnlySpan<byte> Topic { get; set; }

    /// <summary>Equal to the subscription's.</summary>
    public OptionalUtf8 Group { get; set; }

    /// <summary>Equal to the subscription's.</summary>
    public uint Partition { get; set; }

    /// <summary>Offset of the record in the partition.</summary>
    public ulong Offset { get; set; }

    /// <summary>Handle for ACK and NACK.</summary>
    public ulong DeliveryTag { get; set; }

    /// <summary>From the publish: the producer's clock, Unix milliseconds; 0 = not given.</summary>
    public ulong Published { get; set; }

    /// <summary>The broker's clock at receipt, Unix milliseconds.</summary>
    public ulong PublishReceived { get; set; }

    /// <summary>From the publish.</summary>
    public ContentType ContentType { get; set; }

    /// <summary>User headers and what the server adds.</summary>
    public HeaderBlock Headers { get; set; }

    /// <summary>From the publish.</summary>
    public ReadOnlySpan<byte> Payload { get; set; }

    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.Deliver;

    /// <inheritdoc/>
    public static uint Magic => Magics.Deliver;

    /// <inheritdoc/>
    public readonly int MeasureFields() => checked(
        8 + 4 + Topic.Length + Group.Measure() + 4 + 8 + 8 + 8 + 8
        + ContentType.Measure() + Headers.Encoded.Length + 4 + Payload.Length);

    /// <inheritdoc/>
    public readonly void WriteFields(ref WireWriter writer)
    {
        writer.WriteU64(SubscriptionId);
        writer.WriteBytes(Topic);
        Group.Write(ref writer);
        writer.WriteU32(Partition);
        writer.WriteU64(Offset);
        writer.WriteU64(DeliveryTag);
        writer.WriteU64(Published);
        writer.WriteU64(PublishReceived);
        ContentType.Write(ref writer);
        writer.WriteRaw(Headers.Encoded);
        writer.WriteBytes(Payload);
    }

    /// <inheritdoc/>
    public static DeliverMessage ReadFields(scoped ref WireReader reader) => new()
    {
        SubscriptionId = reader.ReadU64(),
        Topic = reader.ReadUtf8(),
        Group = OptionalUtf8.Read(ref reader),
        Partition = reader.ReadU32(),
        Offset = reader.ReadU64(),
        DeliveryTag = reader.ReadU64(),
        Published = reader.ReadU64(),
        PublishReceived = reader.ReadU64(),
        ContentType = ContentType.Read(ref reader),
        Headers = HeaderBlock.Read(ref reader),
        Payload = reader.ReadBytes(),
    };
}
