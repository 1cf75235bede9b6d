using System.Buffers;
using System.Collections.Concurrent;
using Fibril.Broker.Log.Records;

namespace Fibril.Broker.Streams.Delivery;

/// <summary>A run of records as DELIVER frames: encoded once, copied to every subscription in as few pieces as its output has room for.</summary>
/// <remarks>Pooled, and the partition loop's own. A record that is lost takes an offset and no bytes.</remarks>
internal sealed class DeliveryImage
{
    private const int SmallestBytes = 16 << 10;

    private static readonly ConcurrentQueue<DeliveryImage> Pool = new();

    private DeliverTemplate _template = null!;
    private byte[] _buffer = [];
    private int[] _ends = [];

    private DeliveryImage()
    {
    }

    /// <summary>Offset of the first record.</summary>
    public long FirstOffset { get; private set; }

    /// <summary>Records, lost ones included.</summary>
    public int Count { get; private set; }

    /// <summary>Offset behind the last record.</summary>
    public long EndOffset => FirstOffset + Count;

    /// <summary>Bytes of memory that the image holds on to.</summary>
    public int HeldBytes => _buffer.Length + (_ends.Length * sizeof(int));

    private int Length => EndAt(Count - 1);

    /// <summary>An image with room for all of <paramref name="block"/>, from its record at <paramref name="start"/> on, and not yet with any record.</summary>
    public static DeliveryImage Rent(DeliverTemplate template, RecordBlock block, int start)
    {
        if (!Pool.TryDequeue(out DeliveryImage? image)) image = new DeliveryImage();
        image._template = template;
        image.FirstOffset = block.FirstOffset + start;
        image._buffer = RecordBuffers.Rent(Math.Max(SmallestBytes, Measure(template, block, start)));
        image._ends = ArrayPool<int>.Shared.Rent(block.Count - start);
        return image;
    }

    /// <summary>Adds the records of a block, from one on, when there is room for all of them.</summary>
    public bool TryAdd(RecordBlock block, int start)
    {
        if (Measure(_template, block, start) > _buffer.Length - Length) return false;
        for (int i = start; i < block.Count; i++) Add(block[i]);
        return true;
    }

    /// <summary>When the broker received a record, in Unix milliseconds; null for a lost one.</summary>
    public long? ReceivedOf(int index) => IsLost(index) ? null : _template.ReceivedOf(FrameAt(index));

    /// <summary>Content type, headers and payload of a record; nothing for a lost one.</summary>
    public ReadOnlySpan<byte> TailOf(int index) => IsLost(index) ? [] : _template.TailOf(FrameAt(index));

    /// <summary>True when a subscription with this filter wants the record.</summary>
    public bool Passes(int index, HeaderFilter? filter) => !IsLost(index) && (filter is null || filter.Passes(_template.TailOf(FrameAt(index))));

    /// <summary>How many records from one on take at most so many bytes; at least one.</summary>
    public int CountWithin(int first, int count, long bytes)
    {
        int start = StartOf(first);
        int fitting = 1;
        while (fitting < count && EndAt(first + fitting) - start <= bytes) fitting++;
        return fitting;
    }

    /// <summary>Bytes of the frames of some records.</summary>
    public int BytesOf(int first, int count) => EndAt(first + count - 1) - StartOf(first);

    /// <summary>Copies the frames of some records, none of them lost, addressed to one subscription.</summary>
    /// <param name="destination">Of the size that <see cref="BytesOf"/> says.</param>
    /// <param name="first">Index of the first.</param>
    /// <param name="count">How many.</param>
    /// <param name="subscriptionId">Names the subscription to the client.</param>
    /// <param name="slot">Tells its tags from those of others.</param>
    /// <param name="nextRequestId">The id of the next frame of the connection; counted on.</param>
    public void CopyTo(Span<byte> destination, int first, int count, ulong subscriptionId, int slot, ref ulong nextRequestId)
    {
        int start = StartOf(first);
        _buffer.AsSpan(start, destination.Length).CopyTo(destination);
        for (int i = first; i < first + count; i++)
            _template.Address(destination[(StartOf(i) - start)..], nextRequestId++, subscriptionId, StreamTags.Of(FirstOffset + i, slot));
    }

    /// <summary>Gives the memory back.</summary>
    public void Return()
    {
        RecordBuffers.Return(_buffer);
        ArrayPool<int>.Shared.Return(_ends);
        _buffer = [];
        _ends = [];
        Count = 0;
        Pool.Enqueue(this);
    }

    private static int Measure(DeliverTemplate template, RecordBlock block, int start)
    {
        int bytes = 0;
        for (int i = start; i < block.Count; i++)
        {
            Record record = block[i];
            if (record.Kind != LostRecord.Kind) bytes = checked(bytes + template.Measure(record));
        }

        return bytes;
    }

    private void Add(in Record record)
    {
        int at = Length;
        int size = record.Kind == LostRecord.Kind ? 0 : _template.Measure(record);
        if (size > 0) _template.Write(_buffer.AsSpan(at, size), record);
        if (Count == _ends.Length) GrowEnds();
        _ends[Count++] = at + size;
    }

    private void GrowEnds()
    {
        int[] larger = ArrayPool<int>.Shared.Rent(Count * 2);
        _ends.AsSpan(0, Count).CopyTo(larger);
        ArrayPool<int>.Shared.Return(_ends);
        _ends = larger;
    }

    private bool IsLost(int index) => StartOf(index) == EndAt(index);

    private int StartOf(int index) => EndAt(index - 1);

    private int EndAt(int index) => index < 0 ? 0 : _ends[index];

    private ReadOnlySpan<byte> FrameAt(int index) => _buffer.AsSpan(StartOf(index)..EndAt(index));
}
