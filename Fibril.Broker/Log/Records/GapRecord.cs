using System.Buffers.Binary;

namespace Fibril.Broker.Log.Records;

/// <summary>Stands in a compacted segment for a run of records that nobody needs any more: their offsets stay taken. Body: how many, i64.</summary>
internal static class GapRecord
{
    /// <summary>Record kind in every log. On disk: never renumber.</summary>
    public const byte Kind = byte.MaxValue - 1;

    public const int BodyBytes = sizeof(long);

    /// <summary>Offset behind what a record stands for: the next one, unless it is a gap.</summary>
    public static long EndOf(in Record record) =>
        record.Kind == Kind ? record.Offset + BinaryPrimitives.ReadInt64LittleEndian(record.Body) : record.Offset + 1;
}
