using System.Buffers.Binary;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Queues.Storage;

/// <summary>Kinds of event records. On disk: append only, never renumber.</summary>
internal enum QueueEventKind : byte
{
    /// <summary>Offsets that are finished, for one reason. Body: reason (u8), then ranges as start (i64) and count (u32).</summary>
    Settled = 1,

    /// <summary>Messages given back by a retry. Body: entries of offset (i64), retries (i32) and not-before (i64).</summary>
    Retried = 2,
}

/// <summary>Collects what happens in one turn of a partition and writes it as few records: neighbours settled for one reason are one range.</summary>
/// <remarks>Within a turn a message can be retried and then expire, never the other way round, and recovery ignores retries of settled messages.</remarks>
internal sealed class QueueEventBatch : IQueueEventSink
{
    private const int RangeBytes = 12;
    private const int RetryBytes = 20;
    private const int ReasonCount = 4;

    private readonly List<long>[] _settled = [[], [], [], []];
    private readonly List<(long Offset, int Retries, long NotBefore)> _retried = [];

    public bool IsEmpty { get; private set; } = true;

    void IQueueEventSink.Settled(long offset, SettleReason reason)
    {
        _settled[(int)reason - 1].Add(offset);
        IsEmpty = false;
    }

    void IQueueEventSink.Retried(long offset, int retries, long notBefore)
    {
        _retried.Add((offset, retries, notBefore));
        IsEmpty = false;
    }

    /// <summary>Makes a block of the collected events and starts over.</summary>
    public RecordBlock Take(long timestamp)
    {
        int bytes = _retried.Count == 0 ? 0 : RecordHeader.AlignedSize(_retried.Count * RetryBytes);
        foreach (List<long> offsets in _settled)
        {
            offsets.Sort();
            if (offsets.Count > 0) bytes += RecordHeader.AlignedSize(1 + (CountRanges(offsets) * RangeBytes));
        }

        RecordBlock block = RecordBlock.Rent(bytes, ReasonCount + 1);
        if (_retried.Count > 0) WriteRetried(block.Add((byte)QueueEventKind.Retried, 0, timestamp, _retried.Count * RetryBytes));
        for (int i = 0; i < ReasonCount; i++)
        {
            List<long> offsets = _settled[i];
            if (offsets.Count == 0) continue;
            Span<byte> body = block.Add((byte)QueueEventKind.Settled, 0, timestamp, 1 + (CountRanges(offsets) * RangeBytes));
            body[0] = (byte)(i + 1);
            WriteRanges(body[1..], offsets);
            offsets.Clear();
        }

        _retried.Clear();
        IsEmpty = true;
        return block;
    }

    private void WriteRetried(Span<byte> body)
    {
        foreach ((long offset, int retries, long notBefore) in _retried)
        {
            BinaryPrimitives.WriteInt64LittleEndian(body, offset);
            BinaryPrimitives.WriteInt32LittleEndian(body[8..], retries);
            BinaryPrimitives.WriteInt64LittleEndian(body[12..], notBefore);
            body = body[RetryBytes..];
        }
    }

    private static int CountRanges(List<long> sorted)
    {
        int ranges = 1;
        for (int i = 1; i < sorted.Count; i++)
        {
            if (sorted[i] != sorted[i - 1] + 1) ranges++;
        }

        return ranges;
    }

    private static void WriteRanges(Span<byte> body, List<long> sorted)
    {
        for (int i = 0; i < sorted.Count;)
        {
            int start = i++;
            while (i < sorted.Count && sorted[i] == sorted[i - 1] + 1) i++;
            BinaryPrimitives.WriteInt64LittleEndian(body, sorted[start]);
            BinaryPrimitives.WriteUInt32LittleEndian(body[8..], (uint)(i - start));
            body = body[RangeBytes..];
        }
    }
}

/// <summary>Reads event records back into a queue's state.</summary>
internal static class QueueEventReader
{
    private const int RangeBytes = 12;
    private const int RetryBytes = 20;

    /// <summary>Applies one event record.</summary>
    /// <returns>The highest message offset the record names; -1 when it names none.</returns>
    /// <exception cref="InvalidDataException">The record carries a valid checksum and is not an event this version knows.</exception>
    public static long Replay(in Record record, QueueState state) => (QueueEventKind)record.Kind switch
    {
        QueueEventKind.Settled when record.Body.Length % RangeBytes == 1 => ReplaySettled(record.Body[1..], state),
        QueueEventKind.Retried when record.Body.Length % RetryBytes == 0 => ReplayRetried(record.Body, state),
        _ => throw new InvalidDataException($"Event {record.Offset} has kind {record.Kind} and {record.Body.Length} bytes, which no version up to this one writes."),
    };

    private static long ReplaySettled(ReadOnlySpan<byte> ranges, QueueState state)
    {
        long highest = -1;
        for (; !ranges.IsEmpty; ranges = ranges[RangeBytes..])
        {
            long start = BinaryPrimitives.ReadInt64LittleEndian(ranges);
            var range = new OffsetRange(start, start + BinaryPrimitives.ReadUInt32LittleEndian(ranges[8..]));
            state.ReplaySettled(range);
            highest = Math.Max(highest, range.End - 1);
        }

        return highest;
    }

    private static long ReplayRetried(ReadOnlySpan<byte> entries, QueueState state)
    {
        long highest = -1;
        for (; !entries.IsEmpty; entries = entries[RetryBytes..])
        {
            long offset = BinaryPrimitives.ReadInt64LittleEndian(entries);
            state.ReplayRetried(offset, BinaryPrimitives.ReadInt32LittleEndian(entries[8..]), BinaryPrimitives.ReadInt64LittleEndian(entries[12..]));
            highest = Math.Max(highest, offset);
        }

        return highest;
    }
}
