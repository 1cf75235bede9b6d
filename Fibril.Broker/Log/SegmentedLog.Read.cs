using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;

namespace Fibril.Broker.Log;

/// <summary>Where to read, decided on the loop; carried out by <see cref="SegmentedLog.Read"/> wherever blocking is allowed.</summary>
/// <param name="Segment">The segment that holds the offset.</param>
/// <param name="Offset">First offset wanted.</param>
/// <param name="Position">A byte at or before the record, or 0 when the segment's index has to say.</param>
/// <param name="Limit">Byte behind the last durable record of the segment.</param>
/// <param name="MaxBytes">About how much to read; a record that is larger is read whole.</param>
internal readonly record struct ReadPlan(Segment Segment, long Offset, long Position, long Limit, int MaxBytes);

internal sealed partial class SegmentedLog
{
    private ReadHint _hint;
    private IStorageFile? _readFile;
    private Segment? _readSegment;

    /// <summary>Plans the read of durable records from <paramref name="offset"/> on, which must be stored and durable.</summary>
    public ReadPlan PlanRead(long offset, int maxBytes)
    {
        Segment segment = FindSegment(offset);
        long limit = Math.Min(segment.EndPosition, Volatile.Read(ref _durablePosition) - segment.StartOfLog);
        long position = _hint.Segment == segment && _hint.Offset == offset
            ? _hint.Position
            : segment.Index?.FindByOffset(offset)?.Position ?? 0;
        return new ReadPlan(segment, offset, position, limit, maxBytes);
    }

    /// <summary>Remembers where a read ended, so that one that continues it needs no search.</summary>
    public void ContinueAfter(in ReadPlan plan, RecordBlock block, long endPosition) =>
        _hint = new ReadHint(plan.Segment, block.EndOffset, endPosition);

    /// <summary>Reads and verifies at least one record. Blocks on the disk; may run anywhere, one call at a time.</summary>
    /// <returns>The records and the byte behind the last one. The caller owns the block.</returns>
    /// <exception cref="LogDamagedException">The record is missing or does not carry its checksum; nothing of it is returned (S-4).</exception>
    public (RecordBlock Block, long EndPosition) Read(ReadPlan plan)
    {
        IStorageFile file = OpenForRead(plan.Segment);
        long position = plan.Position > 0 ? plan.Position : LoadIndex(plan.Segment, file).FindByOffset(plan.Offset)?.Position ?? SegmentHeader.Size;
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

    /// <summary>
    /// An offset with only records earlier than <paramref name="timestamp"/> before it, at most one index interval too low;
    /// <see cref="NextOffset"/> when every record is earlier.
    /// </summary>
    /// <remarks>May block on the disk to load an index. Not while a read is under way.</remarks>
    public long FindByTime(long timestamp)
    {
        foreach (Segment segment in _segments)
        {
            SegmentIndex index = segment.Index ?? LoadIndex(segment, OpenForRead(segment));
            if (index.LargestTimestamp >= timestamp) return index.FindByTime(timestamp)?.Offset ?? segment.BaseOffset;
        }

        return NextOffset;
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

    private Segment FindSegment(long offset)
    {
        int low = 0;
        int high = _segments.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (_segments[middle].BaseOffset <= offset) low = middle;
            else high = middle - 1;
        }

        return _segments[low];
    }

    private IStorageFile OpenForRead(Segment segment)
    {
        if (_readSegment == segment && _readFile is not null) return _readFile;
        CloseReadFile();
        _readFile = _environment.Files.Open(segment.Path);
        _readSegment = segment;
        return _readFile;
    }

    /// <summary>The index of a sealed segment from its file, or rebuilt when that is missing or damaged.</summary>
    private SegmentIndex LoadIndex(Segment segment, IStorageFile file)
    {
        if (segment.Index is { } known) return known;
        string path = SegmentNames.IndexOf(segment.Path);
        if (_environment.Files.ListFiles(_directory).Contains(Path.GetFileName(path)))
        {
            using IStorageFile indexFile = _environment.Files.Open(path);
            var encoded = new byte[indexFile.Length];
            int read = indexFile.Read(encoded, 0);
            if (SegmentIndex.TryDecode(encoded.AsSpan(0, read), segment.Salt, out DecodedIndex decoded)
                && decoded.EndOffset == segment.EndOffset)
            {
                return segment.Index = decoded.Index;
            }
        }

        var rebuilt = new SegmentIndex();
        SegmentScan.Run(file, segment, rebuilt, visitor: null);
        return segment.Index = rebuilt;
    }

    private readonly record struct ReadHint(Segment? Segment, long Offset, long Position);
}
