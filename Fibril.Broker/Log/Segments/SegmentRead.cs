using Fibril.Broker.Log.Records;

namespace Fibril.Broker.Log.Segments;

/// <summary>One read of an open segment file.</summary>
internal static class SegmentRead
{
    /// <summary>Reads and verifies at least one record.</summary>
    /// <returns>The records and the byte behind the last one. The caller owns the block.</returns>
    public static (RecordBlock Block, long EndPosition) Run(IStorageFile file, in ReadPlan plan, IStorageFileSystem files)
    {
        long position = plan.Position > 0
            ? plan.Position
            : IndexFile.Load(files, plan.Segment, file).FindByOffset(plan.Offset)?.Position ?? SegmentHeader.Size;
        int bytes = (int)Math.Min(plan.MaxBytes, plan.Limit - position);
        while (true)
        {
            RecordBlock block = RecordBlock.Rent(bytes);
            try
            {
                (long endPosition, int neededBytes) = ReadInto(block, file, plan, position, bytes);
                if (block.Count > 0) return (block, endPosition);

                if (plan.Limit - endPosition < RecordHeader.Size) throw Unreadable(plan, endPosition, "the segment ends there");
                block.Dispose();
                position = endPosition;
                bytes = (int)Math.Min(Math.Max(neededBytes, plan.MaxBytes), plan.Limit - position);
            }
            catch
            {
                block.Dispose();
                throw;
            }
        }
    }

    /// <summary>Adopts the whole records among <paramref name="bytes"/> bytes; says where they end and what the next one needs.</summary>
    private static (long EndPosition, int NeededBytes) ReadInto(RecordBlock block, IStorageFile file, in ReadPlan plan, long position, int bytes)
    {
        Span<byte> rest = block.FreeSpace[..bytes];
        rest = rest[..file.Read(rest, position)];
        bool fileIsShort = rest.Length < bytes;
        while (true)
        {
            int length = RecordHeader.Size; // at least
            if (rest.Length >= RecordHeader.Size)
            {
                if (!RecordHeader.IsPlausible(rest, plan.Limit - position)) throw Unreadable(plan, position, "the record has no valid header");
                length = RecordHeader.Length(rest);
            }

            if (length > rest.Length)
            {
                if (fileIsShort && block.Count == 0) throw Unreadable(plan, position, "the file ends before the record does");
                return (position, RecordHeader.Align(length));
            }

            ReadOnlySpan<byte> record = rest[..length];
            if (!RecordHeader.HasValidChecksum(record, plan.Segment.Salt)) throw Unreadable(plan, position, "the checksum does not match");

            int size = Math.Min(RecordHeader.Align(length), rest.Length);
            long offset = RecordHeader.Offset(record);
            if (offset < plan.Offset) block.Skip(size);
            else if (offset == plan.Offset + block.Count) block.Adopt(size, offset);
            else throw Unreadable(plan, position, $"a record of offset {offset} stands there");
            position += RecordHeader.Align(length);
            rest = rest[size..];
        }
    }

    private static LogDamagedException Unreadable(in ReadPlan plan, long position, string detail) =>
        new(plan.Segment.Path, position, plan.Offset, detail);
}
