using System.Buffers.Binary;
using System.Text;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Queues.Storage;

/// <summary>Is told what event records say, in order.</summary>
internal interface IQueueEventVisitor
{
    void Settled(OffsetRange offsets, SettleReason reason);

    void Retried(long offset, int retries, long notBefore);

    void DeadLettered(OffsetRange offsets, DeadLetterReason reason);

    void CopyBegun(OffsetRange offsets);

    void Returned(OffsetRange offsets, ReturnCause cause, string holder);

    void Copied(long offset, PartitionId target, long offsetInTarget);
}

/// <summary>Reads event records: into a queue's state, or into the story of one message.</summary>
internal static class QueueEventReader
{
    public const int RetryBytes = 20;

    /// <summary>Tells what one event record says.</summary>
    /// <exception cref="InvalidDataException">The record carries a valid checksum and is not an event this version knows.</exception>
    public static void Read(in Record record, IQueueEventVisitor visitor)
    {
        ReadOnlySpan<byte> body = record.Body;
        bool isKnown = (QueueEventKind)record.Kind switch
        {
            QueueEventKind.Settled => TryReadSettled(body, visitor),
            QueueEventKind.Retried => TryReadRetried(body, visitor),
            QueueEventKind.DeadLettered => TryReadDeadLettered(body, visitor),
            QueueEventKind.CopyBegun => TryReadCopyBegun(body, visitor),
            QueueEventKind.Returned => TryReadReturned(body, visitor),
            QueueEventKind.Copied => CopiedRecord.TryRead(body, visitor),
            _ => false,
        };
        if (!isKnown)
        {
            throw new InvalidDataException(
                $"Event {record.Offset} has kind {record.Kind} and {body.Length} bytes, which no version up to this one writes.");
        }
    }

    private static bool TryReadSettled(ReadOnlySpan<byte> body, IQueueEventVisitor visitor)
    {
        if (body.IsEmpty || !OffsetRuns.IsWhole(body[1..])) return false;
        var reason = (SettleReason)body[0];
        for (ReadOnlySpan<byte> runs = body[1..]; !runs.IsEmpty;) visitor.Settled(OffsetRuns.Take(ref runs), reason);
        return true;
    }

    private static bool TryReadDeadLettered(ReadOnlySpan<byte> body, IQueueEventVisitor visitor)
    {
        if (body.IsEmpty || !OffsetRuns.IsWhole(body[1..]) || !Enum.IsDefined((DeadLetterReason)body[0])) return false;
        var reason = (DeadLetterReason)body[0];
        for (ReadOnlySpan<byte> runs = body[1..]; !runs.IsEmpty;) visitor.DeadLettered(OffsetRuns.Take(ref runs), reason);
        return true;
    }

    private static bool TryReadCopyBegun(ReadOnlySpan<byte> runs, IQueueEventVisitor visitor)
    {
        if (!OffsetRuns.IsWhole(runs)) return false;
        while (!runs.IsEmpty) visitor.CopyBegun(OffsetRuns.Take(ref runs));
        return true;
    }

    private static bool TryReadReturned(ReadOnlySpan<byte> body, IQueueEventVisitor visitor)
    {
        if (body.Length < 2 || body.Length < 2 + body[1]) return false;
        ReadOnlySpan<byte> runs = body[(2 + body[1])..];
        if (!OffsetRuns.IsWhole(runs)) return false;
        string holder = Encoding.UTF8.GetString(body.Slice(2, body[1]));
        while (!runs.IsEmpty) visitor.Returned(OffsetRuns.Take(ref runs), (ReturnCause)body[0], holder);
        return true;
    }

    private static bool TryReadRetried(ReadOnlySpan<byte> entries, IQueueEventVisitor visitor)
    {
        if (entries.Length % RetryBytes != 0) return false;
        for (; !entries.IsEmpty; entries = entries[RetryBytes..])
        {
            visitor.Retried(
                BinaryPrimitives.ReadInt64LittleEndian(entries),
                BinaryPrimitives.ReadInt32LittleEndian(entries[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(entries[12..]));
        }

        return true;
    }
}
