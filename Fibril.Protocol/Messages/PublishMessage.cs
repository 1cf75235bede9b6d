namespace Fibril.Protocol;

/// <summary>PUBLISH: a message for one partition. A view of the bytes it was read from, or will be written to.</summary>
public ref struct PublishMessage : IWireMessage<PublishMessage>
{
    /// <summary>Queue or stream topic.</summary>
    public ReadOnlySpan<byte> Topic { get; set; }

    /// <summary>Queue namespace; ignored when the topic is a stream.</summary>
    public OptionalUtf8 Group { get; set; }

    /// <summary>The partition the client chose.</summary>
    public uint Partition { get; set; }

    /// <summary>True: answer with PUBLISH_OK or an error.</summary>
    public bool RequireConfirm { get; set; }

    /// <summary>What the payload is.</summary>
    public ContentType ContentType { get; set; }

    /// <summary>User headers.</summary>
    public HeaderBlock Headers { get; set; }

    /// <summary>The client's clock, Unix milliseconds; 0 = not given.</summary>
    public ulong Published { get; set; }

    /// <summary>False when no partition key was given.</summary>
    public bool HasPartitionKey { get; set; }

    /// <summary>The key the client hashed; informational. Set <see cref="HasPartitionKey"/> too.</summary>
    public ReadOnlySpan<byte> PartitionKey { get; set; }

    /// <summary>The version the routing was computed under; 0 = unknown.</summary>
    public ulong PartitioningVersion { get; set; }

    /// <summary>Opaque bytes.</summary>
    public ReadOnlySpan<byte> Payload { get; set; }

    /// <summary>Milliseconds after receipt at which the message expires; null = the queue's default.</summary>
    public ulong? TtlMs { get; set; }

    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.Publish;

    /// <inheritdoc/>
    public static uint Magic => Magics.Publish;

    /// <inheritdoc/>
    public readonly int MeasureFields() => checked(
        4 + Topic.Length + Group.Measure() + 4 + 1 + ContentType.Measure() + Headers.Encoded.Length + 8
        + (HasPartitionKey ? 5 + PartitionKey.Length : 1) + 8 + 4 + Payload.Length + WireWriter.MeasureOptional(TtlMs));

    /// <inheritdoc/>
    public readonly void WriteFields(ref WireWriter writer)
    {
        writer.WriteBytes(Topic);
        Group.Write(ref writer);
        writer.WriteU32(Partition);
        writer.WriteBool(RequireConfirm);
        ContentType.Write(ref writer);
        writer.WriteRaw(Headers.Encoded);
        writer.WriteU64(Published);
        writer.WriteBool(HasPartitionKey);
        if (HasPartitionKey) writer.WriteBytes(PartitionKey);
        writer.WriteU64(PartitioningVersion);
        writer.WriteBytes(Payload);
        writer.WriteOptional(TtlMs);
    }

    /// <inheritdoc/>
    public static PublishMessage ReadFields(scoped ref WireReader reader)
    {
        var message = new PublishMessage
        {
            Topic = reader.ReadUtf8(),
            Group = OptionalUtf8.Read(ref reader),
            Partition = reader.ReadU32(),
            RequireConfirm = reader.ReadBool(),
            ContentType = ContentType.Read(ref reader),
            Headers = HeaderBlock.Read(ref reader),
            Published = reader.ReadU64(),
            HasPartitionKey = reader.ReadOption(),
        };
        if (message.HasPartitionKey) message.PartitionKey = reader.ReadBytes();
        message.PartitioningVersion = reader.ReadU64();
        message.Payload = reader.ReadBytes();
        if (!reader.AtEnd) message.TtlMs = reader.ReadOptionalU64(); // older peers stop before it (ENC-2)
        return message;
    }
}
