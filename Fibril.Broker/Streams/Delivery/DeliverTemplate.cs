using System.Buffers.Binary;
using System.Text;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Protocol;

namespace Fibril.Broker.Streams.Delivery;

/// <summary>Writes the DELIVER frames of one partition. They are the same for every subscription but for three numbers, which are left 0.</summary>
internal sealed class DeliverTemplate
{
    // Offset, tag, published and received, eight bytes each.
    private const int VariableBytes = 32;
    private const int TagAt = 8;
    private const int ReceivedAt = 24;
    private const int RequestIdAt = 12;
    private const int SubscriptionIdAt = FrameHeader.Size + 4; // behind the magic

    private static readonly byte[] One = "1"u8.ToArray();

    private readonly byte[] _prefix;
    private readonly bool _isSpeculative;

    /// <param name="id">The partition.</param>
    /// <param name="isSpeculative">True marks every record as one that may vanish in a crash (P-31).</param>
    public DeliverTemplate(PartitionId id, bool isSpeculative)
    {
        _isSpeculative = isSpeculative;
        var sample = new DeliverMessage { Topic = Encoding.UTF8.GetBytes(id.Queue.Topic), Partition = (uint)id.Partition };
        var frame = new byte[Frame.Measure(in sample)];
        Frame.Write(frame, requestId: 0, in sample);

        // An empty message ends with the variable fields, a content type, a header count and a payload length.
        _prefix = frame[..^(VariableBytes + 1 + 4 + 4)];
    }

    /// <summary>Size of the frame of a record, in bytes.</summary>
    public int Measure(in Record record) =>
        _prefix.Length + VariableBytes + MessageRecord.Tail(record).Length
        + (_isSpeculative ? MessageTail.MeasureHeader(ReservedHeaders.Speculative, One.Length) : 0);

    /// <summary>Fills <paramref name="frame"/>, which has the size that <see cref="Measure"/> says.</summary>
    public void Write(Span<byte> frame, in Record record)
    {
        new FrameHeader((uint)(frame.Length - FrameHeader.Size), OpCode.Deliver, RequestId: 0).Write(frame);
        _prefix.AsSpan(FrameHeader.Size).CopyTo(frame[FrameHeader.Size..]);
        Span<byte> variable = frame[_prefix.Length..];
        BinaryPrimitives.WriteInt64BigEndian(variable, record.Offset);
        BinaryPrimitives.WriteInt64BigEndian(variable[TagAt..], 0);
        MessageRecord.Published(record).CopyTo(variable[16..]);
        BinaryPrimitives.WriteInt64BigEndian(variable[ReceivedAt..], record.Timestamp);

        ReadOnlySpan<byte> tail = MessageRecord.Tail(record);
        Span<byte> destination = variable[VariableBytes..];
        if (_isSpeculative) MessageTail.CopyWithHeader(tail, destination, ReservedHeaders.Speculative, One);
        else tail.CopyTo(destination);
    }

    /// <summary>Makes a copy of a frame that of one subscription.</summary>
    public void Address(Span<byte> frame, ulong requestId, ulong subscriptionId, ulong tag)
    {
        BinaryPrimitives.WriteUInt64BigEndian(frame[RequestIdAt..], requestId);
        BinaryPrimitives.WriteUInt64BigEndian(frame[SubscriptionIdAt..], subscriptionId);
        BinaryPrimitives.WriteUInt64BigEndian(frame[(_prefix.Length + TagAt)..], tag);
    }

    /// <summary>Content type, headers and payload of a frame.</summary>
    public ReadOnlySpan<byte> TailOf(ReadOnlySpan<byte> frame) => frame[(_prefix.Length + VariableBytes)..];

    /// <summary>When the broker received the record of a frame, in Unix milliseconds.</summary>
    public long ReceivedOf(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadInt64BigEndian(frame[(_prefix.Length + ReceivedAt)..]);
}
