using Fibril.Broker.Channels.Catalogue;
using Fibril.Broker.Primitives;
using Fibril.Protocol;
using MessagePack;

namespace Fibril.Broker.Streams.Catalogue;

/// <summary>What the catalogue knows of one stream. Immutable.</summary>
/// <param name="Name">The topic; streams have no group.</param>
/// <param name="PartitionCount">At least 1.</param>
/// <param name="Settings">Tier, retention and replication factor.</param>
internal sealed record StreamEntry(QueueName Name, int PartitionCount, StreamSettings Settings) : ChannelEntry(Name, PartitionCount)
{
    private const byte StreamKind = 2;
    private const int FieldCount = 9;

    /// <summary>Streams, for the catalogue.</summary>
    public static ChannelKind Streams { get; } =
        new(StreamKind, "stream", "Publish to it, and read it with a stream subscription", static (ref reader) => Read(ref reader));

    public override ChannelKind Kind => Streams;

    public override void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        writer.Write(StreamKind);
        writer.Write(Name.Topic);
        writer.WriteNil();
        writer.Write(PartitionCount);
        writer.Write((byte)Settings.Tier);
        WriteOptional(ref writer, Settings.Retention.MaxAgeMs);
        WriteOptional(ref writer, Settings.Retention.MaxBytes);
        WriteOptional(ref writer, Settings.Retention.MaxRecords);
        WriteOptional(ref writer, Settings.ReplicationFactor);
    }

    /// <exception cref="InvalidDataException">The record carries a valid checksum and is not an entry this version knows.</exception>
    public static StreamEntry Read(ref MessagePackReader reader)
    {
        int fields = reader.ReadArrayHeader();
        if (fields < FieldCount || reader.ReadByte() != StreamKind) throw Unknown();
        string topic = reader.ReadString()!;
        reader.Skip();
        int partitionCount = reader.ReadInt32();
        var tier = (Durability)reader.ReadByte();
        if (!Enum.IsDefined(tier)) throw Unknown();
        var retention = new RetentionBounds(ReadOptional(ref reader), ReadOptional(ref reader), ReadOptional(ref reader));
        int? replicationFactor = (int?)ReadOptional(ref reader);
        for (int i = FieldCount; i < fields; i++) reader.Skip();
        return new StreamEntry(new QueueName(topic, null), partitionCount, new StreamSettings(tier, retention, replicationFactor));
    }

    private static InvalidDataException Unknown() =>
        new("The catalogue holds a stream that this version does not know. Use the newer broker that wrote it.");
}
