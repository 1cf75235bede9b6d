using Fibril.Broker.Log.Records;

namespace Fibril.Broker.Log.Segments;

/// <summary>One read of an open segment file.</summary>
internal static class SegmentRead
{
    /// <summary>Reads and verifies at least one record: the one that is wanted, or the next that a compaction has left.</summary>
    /// <returns>The records and the byte behind the last one. The caller owns the block.</returns>
    /// <exception cref="SegmentGoneException">A compaction has left none from there on.</exception>
    public static (RecordBlock Block, long EndPosition) Run(IStorageFile file, in ReadPlan plan, IStorageFileSystem files)
    {
        long position = plan.Position > 0
            ? plan.Position
            : IndexFile.Load(files, plan.Segment, file).FindByOffset(plan.Offset)?.Position ?? SegmentHeader.Size;
        int bytes = (int)Math.Min(plan.MaxBytes, plan.Limit - position);
        long wanted = plan.Offset;
        while (true)
        {
            RecordBlock block = RecordBlock.Rent(bytes);
            try
            {
                (long endPosition, int neededBytes) = ReadInto(block, file, plan, position, bytes, ref wanted);
                if (block.Count > 0) return (block, endPosition);

                if (wanted == plan.Segment.EndOffset) throw new SegmentGoneException(plan.Segment.Path);
                if (plan.Limit - endPosition < RecordHeader.Size) throw Unreadable(file, plan, endPosition, "the segment ends there");
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
    private static (long EndPosition, int NeededBytes) ReadInto(
        RecordBlock block, IStorageFile file, in ReadPlan plan, long position, int bytes, ref long wanted)
    {
        Span<byte> rest = block.FreeSpace[..bytes];
        rest = rest[..file.Read(rest, position)];
        bool fileIsShort = rest.Length < bytes;
        while (true)
        {
            int length = RecordHeader.Size; // at least
            if (rest.Length >= RecordHeader.Size)
            {
                if (!RecordHeader.IsPlausible(rest, plan.Limit - position)) throw Unreadable(file, plan, position, "the record has no valid header");
                length = RecordHeader.Length(rest);
            }

            // The last record of a file that was cut may be without its padding.
            int size = RecordHeader.Align(length);
            if (fileIsShort && length <= rest.Length) size = Math.Min(size, rest.Length);
            if (size > rest.Length)
            {
                if (fileIsShort && block.Count == 0) throw Unreadable(file, plan, position, "the file ends before the record does");
                return (position, size);
            }

            ReadOnlySpan<byte> record = rest[..length];
            if (!RecordHeader.HasValidChecksum(record, plan.Segment.Salt)) throw Unreadable(file, plan, position, "the checksum does not match");
            if (rest[length..size].ContainsAnyExcept((byte)0)) throw Unreadable(file, plan, position, "the padding behind the record is not zero");

            // A block holds neighbours only: at a gap it ends, and what is wanted in a gap is what stands behind it.
            long offset = RecordHeader.Offset(record);
            bool isGap = RecordHeader.Kind(record) == GapRecord.Kind;
            if (isGap && block.Count > 0) return (position, size);
            if (isGap) wanted = Math.Max(wanted, GapRecord.EndOf(new Record(record)));
            if (offset < wanted) block.Skip(size);
            else if (offset == wanted + block.Count) block.Adopt(size, offset);
            else throw Unreadable(file, plan, position, $"a record of offset {offset} stands there");
            position += RecordHeader.Align(length);
            rest = rest[size..];
        }
    }

    /// <summary>Looks at the segment from its start, to say what exactly cannot be read.</summary>
    private static LogDamagedException Unreadable(IStorageFile file, in ReadPlan plan, long position, string detail)
    {
        using var walk = SegmentWalk.Synced(file, plan.Segment, plan.Limit);
        while (true)
        {
            while (walk.TryNext(out _))
            {
                // Good up to here.
            }

            if (walk.FindDamage() is not { } damage) break;
            if (damage.EndPosition > position) return new LogDamagedException(damage with { Detail = detail });
            walk.Pass(damage);
        }

        // There is nothing behind it, or the disk gave something else this time.
        return new LogDamagedException(new LogDamage(plan.Segment.Path, position, Math.Max(position, walk.Position), plan.Offset, EndOffset: null, detail));
    }
}
