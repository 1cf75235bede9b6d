using System.Globalization;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Storage;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.Producers;

/// <summary>Which message of which producer a record is, as the producer says: the same again on every retry (DUP-1). A view of the record.</summary>
internal readonly ref struct ProducerStamp
{
    private const int LongestIdBytes = 64;

    private ProducerStamp(ReadOnlySpan<byte> producer, ulong sequence, uint check)
    {
        Producer = producer;
        Sequence = sequence;
        Check = check;
    }

    /// <summary>The producer's id, opaque.</summary>
    public ReadOnlySpan<byte> Producer { get; }

    /// <summary>Number of the message among all of this producer, whichever partition they went to.</summary>
    public ulong Sequence { get; }

    /// <summary>Checksum of the payload: what a producer sends under a number that it used before is dropped only when it is the same.</summary>
    public uint Check { get; }

    /// <summary>Reads the stamp of a message. False for one without, or with an id or a number that none of the known clients sends.</summary>
    public static bool TryRead(scoped in Record record, out ProducerStamp stamp)
    {
        stamp = default;
        if (record.Kind != MessageRecord.Kind || !MessageRecord.HasProducer(record.Attributes)) return false;
        var message = new StoredMessage(record);
        ReadOnlySpan<byte> producer = default;
        ReadOnlySpan<byte> number = default;
        foreach (Header header in message.Headers)
        {
            if (header.Key.SequenceEqual(ReservedHeaders.ProducerId)) producer = header.Value;
            else if (header.Key.SequenceEqual(ReservedHeaders.ProducerSequence)) number = header.Value;
        }

        if (producer.IsEmpty || producer.Length > LongestIdBytes) return false;
        if (!ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong sequence)) return false;
        stamp = new ProducerStamp(producer, sequence, Crc32C.Compute(message.Payload));
        return true;
    }
}
