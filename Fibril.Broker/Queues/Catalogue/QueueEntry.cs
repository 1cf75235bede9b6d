using Fibril.Broker.Channels.Catalogue;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.State;
using Fibril.Protocol;
using MessagePack;

namespace Fibril.Broker.Queues.Catalogue;

/// <summary>What the catalogue knows of one queue. Immutable.</summary>
/// <param name="Name">Topic and normalised group.</param>
/// <param name="IsDeclared">False while the queue was only created by being used .</param>
/// <param name="PartitionCount">At least 1.</param>
/// <param name="Settings">Policy and limits.</param>
internal sealed record QueueEntry(QueueName Name, bool IsDeclared, int PartitionCount, QueueSettings Settings)
    : ChannelEntry(Name, PartitionCount)
{
    private const byte QueueKind = 1;
    private const int FieldCount = 14;
    private const int FirstFieldCount = 10;

    /// <summary>Queues, for the catalogue.</summary>
    public static ChannelKind Queues { get; } =
        new(QueueKind, "queue", "Publish to it and subscribe to it as a queue", static (ref reader) => Read(ref reader));

    public override ChannelKind Kind => Queues;

    public override void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        writer.Write(QueueKind);
        writer.Write(Name.Topic);
        writer.Write(Name.Group);
        writer.Write(IsDeclared);
        writer.Write(PartitionCount);
        WriteOptional(ref writer, Settings.MaxRetries);
        WriteOptional(ref writer, Settings.DefaultTtlMs);
        WriteOptional(ref writer, (long?)Settings.DeadLetterPolicy?.Kind);
        writer.Write(Settings.DeadLetterPolicy?.Topic);
        writer.Write(Settings.DeadLetterPolicy?.Group);
        WriteOptional(ref writer, Settings.MaxMessages);
        WriteOptional(ref writer, Settings.MaxBytes);
        writer.Write((byte)Settings.Overflow);
        WriteOptional(ref writer, Settings.DeleteAfterIdleMs);
    }

    /// <exception cref="InvalidDataException">The record carries a valid checksum and is not an entry this version knows.</exception>
    public static QueueEntry Read(ref MessagePackReader reader)
    {
        int fields = reader.ReadArrayHeader();
        if (fields < FirstFieldCount || reader.ReadByte() != QueueKind)
            throw new InvalidDataException("The catalogue holds an entry that this version does not know. Use the newer broker that wrote it.");

        string topic = reader.ReadString()!;
        string? group = reader.ReadString();
        bool isDeclared = reader.ReadBoolean();
        int partitionCount = reader.ReadInt32();
        int? maxRetries = (int?)ReadOptional(ref reader);
        long? ttl = ReadOptional(ref reader);
        long? policy = ReadOptional(ref reader);
        string? policyTopic = reader.ReadString();
        string? policyGroup = reader.ReadString();
        bool hasLimits = fields >= FieldCount;
        long? maxMessages = hasLimits ? ReadOptional(ref reader) : null;
        long? maxBytes = hasLimits ? ReadOptional(ref reader) : null;
        var overflow = (OverflowPolicy)(hasLimits ? reader.ReadByte() : 0);
        long? deleteAfterIdle = hasLimits ? ReadOptional(ref reader) : null;
        for (int i = hasLimits ? FieldCount : FirstFieldCount; i < fields; i++) reader.Skip();

        DeadLetterPolicy? deadLetter = (DeadLetterPolicyKind?)policy switch
        {
            null => null,
            DeadLetterPolicyKind.Discard => DeadLetterPolicy.Discard,
            DeadLetterPolicyKind.Global => DeadLetterPolicy.Global,
            DeadLetterPolicyKind.Custom when policyTopic is not null => DeadLetterPolicy.Custom(policyTopic, policyGroup),
            _ => throw new InvalidDataException($"The catalogue holds a dead-letter policy of kind {policy}, which this version does not know."),
        };
        return new QueueEntry(new QueueName(topic, group), isDeclared, partitionCount, new QueueSettings(maxRetries, ttl, deadLetter)
        {
            MaxMessages = maxMessages,
            MaxBytes = maxBytes,
            Overflow = overflow,
            DeleteAfterIdleMs = deleteAfterIdle,
        });
    }
}
