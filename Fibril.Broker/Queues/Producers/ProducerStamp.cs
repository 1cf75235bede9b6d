using System.Globalization;
using System.IO.Hashing;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Queues.Storage;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.Producers;

/// <summary>Which message of which producer a record is, as the producer says: the same again on every retry (DUP-1). A view of the record.</summary>
internal readonly ref struct ProducerStamp
{
    private const int LongestIdBytes = 64;

    private readonly StoredMessage _message;

    private ProducerStamp(StoredMessage message, ReadOnlySpan<byte> producer, ulong sequence)
    {
        _message = message;
        Producer = producer;
        Sequence = sequence;
    }

    /// <summary>The producer's id, opaque.</summary>
    public ReadOnlySpan<byte> Producer { get; }

    /// <summary>Number of the message among all of this producer, whichever partition they went to.</summary>
    public ulong Sequence { get; }

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
        stamp = new ProducerStamp(message, producer, sequence);
        return true;
    }

    /// <summary>
    /// Hash of content type, headers in any order, and payload: what a producer sends under a number that it used before is dropped only
    /// when it is the same message. Reads all of it.
    /// </summary>
    public ulong ComputeCheck()
    {
        ulong seed = XxHash3.HashToUInt64(_message.ContentType.CustomMime, (long)_message.ContentType.Kind);
        foreach (Header header in _message.Headers) seed += XxHash3.HashToUInt64(header.Value, SeedOf(header.Key)); // clients keep no order (HDR-3)
        return XxHash3.HashToUInt64(_message.Payload, unchecked((long)seed));
    }

    private static long SeedOf(ReadOnlySpan<byte> key) => unchecked((long)XxHash3.HashToUInt64(key));
}
