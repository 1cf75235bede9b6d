using System.Buffers.Binary;
using System.Text;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;

namespace Fibril.Broker.Streams.Cursors;

/// <summary>What a record of the cursor log says. On disk: append only, never renumber.</summary>
internal enum CursorRecordKind : byte
{
    /// <summary>Where cursors stand: for each, name (u8 length, UTF-8) and next offset (i64).</summary>
    Moved = 1,

    /// <summary>Records before an offset (i64) are kept no more; segments before it may be gone.</summary>
    Trimmed = 2,
}

/// <summary>Writes and reads the records of the cursor log, whose bodies are little-endian.</summary>
internal static class CursorRecords
{
    /// <summary>Longest name, in bytes of UTF-8 (NAM-2).</summary>
    public const int MostNameBytes = 128;

    /// <summary>One record with the present position of each cursor.</summary>
    public static RecordBlock Moved(ReadOnlySpan<StreamCursor> cursors, long nowMs)
    {
        int bytes = 0;
        foreach (StreamCursor cursor in cursors) bytes += 1 + Encoding.UTF8.GetByteCount(cursor.Name) + sizeof(long);
        RecordBlock block = RecordBlock.Rent(RecordHeader.AlignedSize(bytes), expectedCount: 1);
        Span<byte> body = block.Add((byte)CursorRecordKind.Moved, attributes: 0, nowMs, bytes);
        foreach (StreamCursor cursor in cursors)
        {
            int length = Encoding.UTF8.GetBytes(cursor.Name, body[1..]);
            body[0] = (byte)length;
            BinaryPrimitives.WriteInt64LittleEndian(body[(1 + length)..], cursor.Position!.Value);
            body = body[(1 + length + sizeof(long))..];
        }

        return block;
    }

    public static RecordBlock Trimmed(long startOffset, long nowMs)
    {
        RecordBlock block = RecordBlock.Rent(RecordHeader.AlignedSize(sizeof(long)), expectedCount: 1);
        BinaryPrimitives.WriteInt64LittleEndian(block.Add((byte)CursorRecordKind.Trimmed, attributes: 0, nowMs, sizeof(long)), startOffset);
        return block;
    }

    /// <summary>Applies a record to what is known so far.</summary>
    /// <exception cref="InvalidDataException">The record carries a valid checksum and is not one this version knows.</exception>
    public static void Replay(in Record record, CursorTable cursors, ref long startOffset)
    {
        ReadOnlySpan<byte> body = record.Body;
        switch ((CursorRecordKind)record.Kind)
        {
            case CursorRecordKind.Trimmed when body.Length == sizeof(long):
                startOffset = Math.Max(startOffset, BinaryPrimitives.ReadInt64LittleEndian(body));
                return;
            case CursorRecordKind.Moved when TryReplayMoved(body, record.Timestamp, cursors):
            case (CursorRecordKind)LostRecord.Kind:
                return;
            default:
                throw new InvalidDataException(
                    $"The cursor log holds a record of kind {record.Kind} that this version does not know. Use the newer broker that wrote it.");
        }
    }

    private static bool TryReplayMoved(ReadOnlySpan<byte> body, long atMs, CursorTable cursors)
    {
        while (!body.IsEmpty)
        {
            int length = body[0];
            if (body.Length < 1 + length + sizeof(long)) return false;
            cursors.Replay(Encoding.UTF8.GetString(body.Slice(1, length)), BinaryPrimitives.ReadInt64LittleEndian(body[(1 + length)..]), atMs);
            body = body[(1 + length + sizeof(long))..];
        }

        return true;
    }
}
