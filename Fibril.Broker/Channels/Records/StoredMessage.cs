using System.Buffers.Binary;
using Fibril.Broker.Log.Records;
using Fibril.Protocol;

namespace Fibril.Broker.Channels.Records;

/// <summary>The parts of a message as it stands in the log. A view: valid as long as the record.</summary>
internal readonly ref struct StoredMessage
{
    public StoredMessage(scoped in Record record)
    {
        Published = BinaryPrimitives.ReadUInt64BigEndian(MessageRecord.Published(record));
        var reader = new WireReader(MessageRecord.Tail(record));
        ContentType = ContentType.Read(ref reader);
        Headers = HeaderBlock.Read(ref reader);
        Payload = reader.ReadBytes();
    }

    /// <summary>The producer's clock, as it gave it.</summary>
    public ulong Published { get; }

    public ContentType ContentType { get; }

    public HeaderBlock Headers { get; }

    public ReadOnlySpan<byte> Payload { get; }
}
