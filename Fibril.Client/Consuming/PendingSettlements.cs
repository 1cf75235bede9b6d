using System.Buffers.Binary;
using Fibril.Client.Connection;
using Fibril.Client.Routing;
using Fibril.Protocol;

namespace Fibril.Client.Consuming;

/// <summary>How a delivery is settled.</summary>
internal enum Settlement
{
    /// <summary>Done for good.</summary>
    Complete,

    /// <summary>Failed for good.</summary>
    Fail,

    /// <summary>To be delivered again at once.</summary>
    Retry,
}

/// <summary>Settlements of one subscription that leave together: one frame per kind, however many. Not thread-safe.</summary>
/// <remarks>Bounded by the deliveries that can be in flight.</remarks>
internal sealed class PendingSettlements
{
    private readonly Tags[] _tags = [new Tags(), new Tags(), new Tags()];
    private int _count;

    /// <summary>True when settlements wait.</summary>
    public bool Any => _count > 0;

    /// <summary>Adds one; true for the first since <see cref="WriteTo"/>.</summary>
    public bool Add(Settlement kind, ulong tag, ulong deliverId)
    {
        _tags[(int)kind].Add(tag, deliverId);
        return ++_count == 1;
    }

    /// <summary>Appends the frames and forgets the settlements. A frame bears the id of the delivery it settles first (FRM-12).</summary>
    public void WriteTo(OutputBuffer output, QueueAddress queue, uint partition)
    {
        _count = 0;
        foreach (Settlement kind in (ReadOnlySpan<Settlement>)[Settlement.Complete, Settlement.Fail, Settlement.Retry])
        {
            Tags tags = _tags[(int)kind];
            if (tags.IsEmpty) continue;
            if (kind == Settlement.Complete)
            {
                Append(output, tags.FirstDeliverId, new AckMessage
                {
                    Topic = queue.WireTopic,
                    Group = queue.WireGroup,
                    Partition = partition,
                    Tags = tags.List,
                });
            }
            else
            {
                Append(output, tags.FirstDeliverId, new NackMessage
                {
                    Topic = queue.WireTopic,
                    Group = queue.WireGroup,
                    Partition = partition,
                    Tags = tags.List,
                    Requeue = kind == Settlement.Retry,
                });
            }

            tags.Clear();
        }
    }

    private static void Append<T>(OutputBuffer output, ulong id, scoped in T message) where T : IWireMessage<T>, allows ref struct
    {
        Span<byte> destination = output.GetSpan(Frame.Measure(in message));
        output.Advance(Frame.Write(destination, id, in message));
    }

    /// <summary>Tags as they go over the wire.</summary>
    private sealed class Tags
    {
        private byte[] _encoded = [];
        private int _bytes;

        public bool IsEmpty => _bytes == 0;

        public ulong FirstDeliverId { get; private set; }

        public TagList List => new(_encoded.AsSpan(0, _bytes));

        public void Add(ulong tag, ulong deliverId)
        {
            if (_bytes == 0) FirstDeliverId = deliverId;
            if (_bytes == _encoded.Length) Array.Resize(ref _encoded, Math.Max(16 * TagList.TagBytes, 2 * _bytes));
            BinaryPrimitives.WriteUInt64BigEndian(_encoded.AsSpan(_bytes), tag);
            _bytes += TagList.TagBytes;
        }

        public void Clear() => _bytes = 0;
    }
}
