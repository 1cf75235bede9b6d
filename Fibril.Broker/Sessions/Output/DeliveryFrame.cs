using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Queues.Storage;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions.Output;

/// <summary>Writes the DELIVER frames of one subscription: what never changes is encoded once, the message is copied as it is stored.</summary>
internal sealed class DeliveryFrame
{
    // Offset, tag, published and received, eight bytes each.
    private const int VariableBytes = 32;
    private const int LargestRetriesText = 10;

    private readonly byte[] _prefix;

    /// <param name="subscriptionId">Names the subscription to the client.</param>
    /// <param name="topic">As in SUBSCRIBE_OK.</param>
    /// <param name="group">As the client spelled it .</param>
    /// <param name="partition">As in SUBSCRIBE_OK.</param>
    public DeliveryFrame(ulong subscriptionId, string topic, string? group, uint partition)
    {
        byte[] groupBytes = group is null ? [] : Encoding.UTF8.GetBytes(group);
        var sample = new DeliverMessage
        {
            SubscriptionId = subscriptionId,
            Topic = Encoding.UTF8.GetBytes(topic),
            Group = group is null ? default : new OptionalUtf8(groupBytes),
            Partition = partition,
        };
        var frame = new byte[Frame.Measure(in sample)];
        Frame.Write(frame, requestId: 0, in sample);

        // An empty message ends with the variable fields, a content type, a header count and a payload length.
        _prefix = frame[..^(VariableBytes + 1 + 4 + 4)];
    }

    /// <summary>Size of the frame, header included, in bytes.</summary>
    public int Measure(in Record record, int retries) =>
        _prefix.Length + VariableBytes + MessageRecord.Tail(record).Length
        + (retries > 0 ? MessageTail.MeasureHeader(ReservedHeaders.Retries, LargestRetriesText) : 0);

    /// <summary>Writes the frame and returns its size in bytes, at most what <see cref="Measure"/> says.</summary>
    public int Write(Span<byte> destination, ulong requestId, in Record record, ulong tag, int retries)
    {
        _prefix.CopyTo(destination);
        Span<byte> variable = destination[_prefix.Length..];
        BinaryPrimitives.WriteInt64BigEndian(variable, record.Offset);
        BinaryPrimitives.WriteUInt64BigEndian(variable[8..], tag);
        MessageRecord.Published(record).CopyTo(variable[16..]);
        BinaryPrimitives.WriteInt64BigEndian(variable[24..], record.Timestamp);

        int size = _prefix.Length + VariableBytes + WriteTail(variable[VariableBytes..], MessageRecord.Tail(record), retries);
        new FrameHeader((uint)(size - FrameHeader.Size), OpCode.Deliver, requestId).Write(destination);
        return size;
    }

    private static int WriteTail(Span<byte> destination, ReadOnlySpan<byte> tail, int retries)
    {
        if (retries == 0)
        {
            tail.CopyTo(destination);
            return tail.Length;
        }

        Span<byte> text = stackalloc byte[LargestRetriesText];
        Utf8Formatter.TryFormat(retries, text, out int digits);
        return MessageTail.CopyWithHeader(tail, destination, ReservedHeaders.Retries, text[..digits]);
    }
}
