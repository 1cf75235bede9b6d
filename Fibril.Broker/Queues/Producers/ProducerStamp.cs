using System.Globalization;
using System.IO.Hashing;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Queues.Storage;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.Producers;

/// <summary>Which message of which producer a record is, as the producer says: the same again on every retry (DUP-1). A view of the record.</summary>
internal readonly ref struct ProducerStamp
{
    private const int LongestIdBytes = 64;

    private ProducerStamp(ReadOnlySpan<byte> producer, ulong sequence, ulong check)
    {
        Producer = producer;
        Sequence = sequence;
        Check = check;
    }

    /// <summary>The producer's id, opaque.</summary>
    public ReadOnlySpan<byte> Producer { get; }

    /// <summary>Number of the message among all of this producer, whichever partition they went to.</summary>
    public ulong Sequence { get; }

    /// <summary>
    /// Hash of content type, headers in any order, and payload: what a producer sends under a number that it used before is dropped only
    /// when it is the same message.
    /// </summary>
    public ulong Check { get; }

    /// <summary>Reads the stamp of a message. False for one without, or with an id or a number that none of the known clients sends.</summary>
    public static bool TryRead(scoped in Record record, out ProducerStamp stamp)
    {
        stamp = default;
        if (record.Kind != MessageRecord.Kind || !MessageRecord.HasProducer(record.Attributes)) return false;
        var message = new StoredMessage(record);
        ReadOnlySpan<byte> producer = default;
        ReadOnlySpan<byte> number = default;
        ulong headers = 0;
        foreach (Header header in message.Headers)
        {
            headers += XxHash3.HashToUInt64(header.Value, SeedOf(header.Key)); // a sum: clients keep no order (HDR-3)
            if (header.Key.SequenceEqual(ReservedHeaders.ProducerId)) producer = header.Value;
            else if (header.Key.SequenceEqual(ReservedHeaders.ProducerSequence)) number = header.Value;
        }

        if (producer.IsEmpty || producer.Length > LongestIdBytes) return false;
        if (!ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong sequence)) return false;
        ulong type = XxHash3.HashToUInt64(message.ContentType.CustomMime, (long)message.ContentType.Kind);
        stamp = new ProducerStamp(producer, sequence, XxHash3.HashToUInt64(message.Payload, unchecked((long)(headers + type))));
        return true;
    }

    private static long SeedOf(ReadOnlySpan<byte> key) => unchecked((long)XxHash3.HashToUInt64(key));
}
