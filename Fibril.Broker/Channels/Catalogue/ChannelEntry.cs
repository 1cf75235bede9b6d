using System.Buffers;
using Fibril.Broker.Primitives;
using MessagePack;

namespace Fibril.Broker.Channels.Catalogue;

/// <summary>What the catalogue knows of one channel. Immutable; each kind of channel has an entry of its own.</summary>
/// <param name="Name">Topic and normalised group.</param>
/// <param name="PartitionCount">At least 1.</param>
internal abstract record ChannelEntry(QueueName Name, int PartitionCount)
{
    /// <summary>The kind of channel: the first field of every stored entry, and what a topic is for its lifetime .</summary>
    public abstract ChannelKind Kind { get; }

    /// <summary>Its partitions, by number.</summary>
    public IEnumerable<PartitionId> Partitions => Enumerable.Range(0, PartitionCount).Select(number => new PartitionId(Name, number));

    /// <summary>Checks how many partitions somebody asks for.</summary>
    /// <exception cref="ArgumentException">They are too many; the message is fit for clients.</exception>
    public static void CheckPartitionCount(int? wanted, int most)
    {
        if (wanted > most) throw new ArgumentException($"{wanted} partitions are more than this broker allows; ask for at most {most} (broker.max_partition_count).");
    }

    /// <summary>Writes the entry as a MessagePack array that begins with the number of its kind; fields are only ever added behind the last.</summary>
    public abstract void Write(ref MessagePackWriter writer);

    /// <summary>The entry as a stored record.</summary>
    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        Write(ref writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The end of an entry, as a MessagePack array of topic and group.</summary>
    public static byte[] EncodeRemoval(QueueName name)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(2);
        writer.Write(name.Topic);
        writer.Write(name.Group);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static QueueName ReadRemoval(ref MessagePackReader reader)
    {
        reader.ReadArrayHeader();
        return new QueueName(reader.ReadString()!, reader.ReadString());
    }

    protected static void WriteOptional(ref MessagePackWriter writer, long? value)
    {
        if (value is { } number) writer.Write(number);
        else writer.WriteNil();
    }

    protected static long? ReadOptional(ref MessagePackReader reader) => reader.TryReadNil() ? null : reader.ReadInt64();
}
