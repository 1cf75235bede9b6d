using System.Buffers.Binary;
using System.Text;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Queues.Storage;

/// <summary>Collects what happens in one turn of a partition and writes it as few records: neighbours with one fate are one run.</summary>
/// <remarks>
/// Within a turn a message can be returned, retried, given up and settled, in this order and never the other way round; recovery ignores
/// what is said of settled messages.
/// </remarks>
internal sealed class QueueEventBatch : IQueueEventSink
{
    private const int LargestHolderBytes = 200;

    private readonly List<long>[] _settled = NewLists<SettleReason>();
    private readonly List<long>[] _deadLettered = NewLists<DeadLetterReason>();
    private readonly List<OffsetRange> _purged = [];
    private readonly List<long> _copyBegun = [];
    private readonly List<(long Offset, int Retries, long NotBefore)> _retried = [];
    private readonly Dictionary<(ReturnCause Cause, string Holder), List<long>> _returned = [];
    private readonly Dictionary<PartitionId, List<(long Offset, long InTarget)>> _copied = [];
    private readonly List<Part> _parts = [];

    public bool IsEmpty { get; private set; } = true;

    void IQueueEventSink.Settled(long offset, SettleReason reason) => Note(_settled[(int)reason], offset);

    void IQueueEventSink.Purged(OffsetRange offsets)
    {
        _purged.Add(offsets);
        IsEmpty = false;
    }

    void IQueueEventSink.DeadLettered(long offset, DeadLetterReason reason) => Note(_deadLettered[(int)reason], offset);

    void IQueueEventSink.CopyBegun(long offset) => Note(_copyBegun, offset);

    void IQueueEventSink.Retried(long offset, int retries, long notBefore)
    {
        _retried.Add((offset, retries, notBefore));
        IsEmpty = false;
    }

    void IQueueEventSink.Returned(long offset, ReturnCause cause, string holder)
    {
        if (!_returned.TryGetValue((cause, holder), out List<long>? offsets)) _returned.Add((cause, holder), offsets = []);
        Note(offsets, offset);
    }

    /// <summary>Notes where the copy of a dead letter is.</summary>
    public void Copied(long offset, PartitionId target, long offsetInTarget)
    {
        if (!_copied.TryGetValue(target, out List<(long, long)>? copies)) _copied.Add(target, copies = []);
        copies.Add((offset, offsetInTarget));
        IsEmpty = false;
    }

    /// <summary>Makes a block of the collected events and starts over.</summary>
    public RecordBlock Take(long timestamp)
    {
        Gather();
        int retriedBytes = _retried.Count * QueueEventReader.RetryBytes;
        int bytes = _retried.Count > 0 ? RecordHeader.AlignedSize(retriedBytes) : 0;
        foreach (Part part in _parts) bytes += RecordHeader.AlignedSize(part.BodyBytes);
        int purgedBytes = 1 + OffsetRuns.Measure(_purged);
        if (_purged.Count > 0) bytes += RecordHeader.AlignedSize(purgedBytes);
        foreach ((PartitionId target, List<(long, long)> copies) in _copied) bytes += RecordHeader.AlignedSize(CopiedRecord.Measure(target, copies.Count));

        RecordBlock block = RecordBlock.Rent(bytes, _parts.Count + _copied.Count + 2);
        if (_retried.Count > 0) WriteRetried(block.Add((byte)QueueEventKind.Retried, 0, timestamp, retriedBytes));
        foreach (Part part in _parts) part.Write(block.Add((byte)part.Kind, 0, timestamp, part.BodyBytes));
        foreach ((PartitionId target, List<(long, long)> copies) in _copied)
            CopiedRecord.Write(block.Add((byte)QueueEventKind.Copied, 0, timestamp, CopiedRecord.Measure(target, copies.Count)), target, copies);
        if (_purged.Count > 0) WritePurged(block.Add((byte)QueueEventKind.Settled, 0, timestamp, purgedBytes));
        Clear();
        return block;
    }

    private void Gather()
    {
        foreach (((ReturnCause cause, string holder), List<long> offsets) in _returned)
            AddPart(QueueEventKind.Returned, [(byte)cause, .. EncodeHolder(holder)], offsets);
        for (int i = 1; i < _deadLettered.Length; i++) AddPart(QueueEventKind.DeadLettered, Prefixes[i], _deadLettered[i]);
        AddPart(QueueEventKind.CopyBegun, [], _copyBegun);
        for (int i = 1; i < _settled.Length; i++) AddPart(QueueEventKind.Settled, Prefixes[i], _settled[i]);
    }

    private void AddPart(QueueEventKind kind, byte[] prefix, List<long> offsets)
    {
        if (offsets.Count == 0) return;
        offsets.Sort();
        _parts.Add(new Part(kind, prefix, offsets, prefix.Length + OffsetRuns.Measure(offsets)));
    }

    private void Note(List<long> offsets, long offset)
    {
        offsets.Add(offset);
        IsEmpty = false;
    }

    private void Clear()
    {
        foreach (Part part in _parts) part.Offsets.Clear();
        _parts.Clear();
        _purged.Clear();
        _returned.Clear();
        _copied.Clear();
        _retried.Clear();
        IsEmpty = true;
    }

    private void WriteRetried(Span<byte> body)
    {
        foreach ((long offset, int retries, long notBefore) in _retried)
        {
            BinaryPrimitives.WriteInt64LittleEndian(body, offset);
            BinaryPrimitives.WriteInt32LittleEndian(body[8..], retries);
            BinaryPrimitives.WriteInt64LittleEndian(body[12..], notBefore);
            body = body[QueueEventReader.RetryBytes..];
        }
    }

    private void WritePurged(Span<byte> body)
    {
        body[0] = (byte)SettleReason.Purged;
        OffsetRuns.Write(body[1..], _purged);
    }

    private static byte[] EncodeHolder(string holder)
    {
        byte[] text = Encoding.UTF8.GetBytes(holder);
        int length = text.Length;
        if (length > LargestHolderBytes)
        {
            length = LargestHolderBytes;
            while ((text[length] & 0xC0) == 0x80) length--; // not in the middle of a character
        }

        return [(byte)length, .. text.AsSpan(0, length)];
    }

    private static List<long>[] NewLists<TReason>()
        where TReason : struct, Enum =>
        [.. Enumerable.Range(0, (int)Enum.GetValuesAsUnderlyingType<TReason>().Cast<byte>().Max() + 1).Select(static _ => new List<long>())];

    // The one byte in front of the runs, for every reason there can be.
    private static readonly byte[][] Prefixes = [.. Enumerable.Range(0, byte.MaxValue + 1).Select(static value => new[] { (byte)value })];

    private readonly record struct Part(QueueEventKind Kind, byte[] Prefix, List<long> Offsets, int BodyBytes)
    {
        public void Write(Span<byte> body)
        {
            Prefix.CopyTo(body);
            OffsetRuns.Write(body[Prefix.Length..], Offsets);
        }
    }
}
