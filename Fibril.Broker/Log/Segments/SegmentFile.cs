namespace Fibril.Broker.Log.Segments;

/// <summary>The file of a segment, as a directory holds it.</summary>
/// <param name="Kind">Which log it is of, by its name.</param>
/// <param name="Base">Its first offset, by its name.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Header">What it says itself; null when that cannot be read.</param>
internal sealed record SegmentFile(LogKind Kind, long Base, string Path, SegmentHeader? Header)
{
    /// <summary>False when the file has no header, or that of another one.</summary>
    public bool IsReadable => Header is { } header && header.Kind == Kind && header.BaseOffset == Base;

    /// <summary>The segment of a readable file.</summary>
    /// <param name="startOfLog">Bytes of the log before it.</param>
    public Segment ToSegment(long startOfLog = 0)
    {
        SegmentHeader header = Header!.Value;
        var segment = new Segment(Path, header.Salt, Base, startOfLog);
        if (header.CoversTo > 0) segment.RecordCount = null;
        return segment;
    }

    /// <summary>False for a file as a crash leaves it while a segment is created: without a record, whatever its header is.</summary>
    public static bool HoldsMoreThanAHeader(IStorageFile file)
    {
        using var reader = new SegmentReader(file, salt: 0);
        return reader.FindData(SegmentHeader.Size) is not null;
    }

    /// <summary>What is wrong with a file that is no segment.</summary>
    /// <param name="length">Bytes of the file.</param>
    /// <param name="endOffset">Base offset of the next segment; null when there is none.</param>
    public LogDamage DescribeUnreadable(long length, long? endOffset) =>
        new(Path, 0, length, Base, endOffset, "its header cannot be read, nor anything without it");
}

/// <summary>Finds the segment files of a log. Blocks on the disk.</summary>
internal static class SegmentFiles
{
    /// <summary>The files of a log, the oldest first, once a compaction that a crash has interrupted is finished.</summary>
    /// <exception cref="NotSupportedException">A segment was written by a newer version.</exception>
    public static List<SegmentFile> FinishAndList(IStorageFileSystem files, string directory, LogKind kind)
    {
        List<SegmentFile> found = List(files, directory, kind, out List<SegmentFile> superseded);
        foreach (SegmentFile file in superseded) files.DeleteFile(file.Path);
        return found;
    }

    /// <summary>The files of a log, the oldest first.</summary>
    /// <param name="files">The way to the disk.</param>
    /// <param name="directory">The partition's directory.</param>
    /// <param name="kind">Which log.</param>
    /// <param name="superseded">Files that a compacted segment stands for: a crash came between the two, and nobody needs them.</param>
    /// <exception cref="NotSupportedException">A segment was written by a newer version.</exception>
    public static List<SegmentFile> List(IStorageFileSystem files, string directory, LogKind kind, out List<SegmentFile> superseded)
    {
        List<(long Base, string Path)> named = ListNames(files, directory, kind);
        var found = new List<SegmentFile>(named.Count);
        superseded = [];
        long coveredTo = 0;
        foreach ((long start, string path) in named)
        {
            var file = new SegmentFile(kind, start, path, ReadHeader(files, path));
            if (start < coveredTo)
            {
                superseded.Add(file);
                continue;
            }

            coveredTo = file.IsReadable ? file.Header!.Value.CoversTo : 0;
            found.Add(file);
        }

        return found;
    }

    /// <summary>The first offset that a log still holds, by the names of its files; 0 when there are none.</summary>
    public static long FirstOffset(IStorageFileSystem files, string directory, LogKind kind) =>
        ListNames(files, directory, kind) is [(long start, _), ..] ? start : 0;

    /// <summary>The first offset of the newest segment, by the names of its files; 0 when there are none.</summary>
    public static long NewestBase(IStorageFileSystem files, string directory, LogKind kind) =>
        ListNames(files, directory, kind) is [.., (long start, _)] ? start : 0;

    private static List<(long Base, string Path)> ListNames(IStorageFileSystem files, string directory, LogKind kind)
    {
        var found = new List<(long Base, string Path)>();
        foreach (string name in files.ListFiles(directory))
        {
            if (SegmentNames.TryParse(kind, name, out long start)) found.Add((start, Path.Combine(directory, name)));
        }

        found.Sort();
        return found;
    }

    private static SegmentHeader? ReadHeader(IStorageFileSystem files, string path)
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Size];
        using IStorageFile file = files.Open(path);
        int read = file.Read(bytes, 0);
        return SegmentHeader.TryRead(bytes[..read], out SegmentHeader header) ? header : null;
    }
}
