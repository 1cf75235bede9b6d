using System.Buffers;
using Fibril.Broker.Log.Segments;

namespace Fibril.Broker.Log;

internal sealed partial class SegmentedLog
{
    private const int LargestRewriteBytes = 1 << 20;

    /// <summary>Opens a log, new or old, and makes sure of everything in it: one path for every start, clean or not.</summary>
    /// <param name="environment">What the logs of the broker share.</param>
    /// <param name="observer">Told when writes have ended.</param>
    /// <param name="directory">The partition's directory, which exists.</param>
    /// <param name="kind">Which of the partition's logs.</param>
    /// <param name="keptFrom">Segments entirely before this offset were given up; what a crash left of them is removed.</param>
    /// <param name="neededFrom">Segments from this offset on must be there; at least <paramref name="keptFrom"/>.</param>
    /// <param name="visitFrom">Records before this offset are known from a snapshot and need not be seen.</param>
    /// <param name="visitor">Sees every record from <paramref name="visitFrom"/> on; also earlier ones of the same segments.</param>
    /// <param name="tuning">How this log differs from others; null for not at all.</param>
    /// <remarks>Blocks on the disk. What it returns is synced: a record that recovery saw can not be lost by the next power failure.</remarks>
    /// <exception cref="LogDamagedException">Bytes that were synced are not what was written.</exception>
    public static SegmentedLog Open(
        LogEnvironment environment,
        ILogObserver observer,
        string directory,
        LogKind kind,
        long keptFrom,
        long neededFrom,
        long visitFrom,
        IRecordVisitor visitor,
        LogTuning? tuning = null)
    {
        List<SegmentFile> files = ListFiles(environment, directory, kind, keptFrom);
        RefuseUnreadable(environment, files);
        if (files.Count == 0 && visitFrom == 0) return OpenEmpty(environment, observer, directory, kind, tuning ?? LogTuning.None);
        if (files.Count == 0 || files[0].Base > neededFrom)
        {
            string missing = Path.Combine(directory, SegmentNames.Log(kind, neededFrom));
            long? foundFrom = files.Count == 0 ? null : files[0].Base;
            throw new LogDamagedException(new LogDamage(missing, 0, 0, neededFrom, foundFrom, "the file is missing"));
        }

        var segments = new List<Segment>(files.Count);
        for (int i = 0; i < files.Count; i++)
        {
            long? next = i + 1 < files.Count ? files[i + 1].Base : null;
            segments.Add(OpenSegment(environment, files[i], segments.LastOrDefault(), next, visitFrom, visitor));
        }

        // A segment that a killed process created may not be in its directory for good yet.
        environment.Files.SyncDirectory(directory);
        return new SegmentedLog(environment, observer, directory, kind, tuning ?? LogTuning.None, segments, activeFileExists: true);
    }

    private static SegmentedLog OpenEmpty(
        LogEnvironment environment, ILogObserver observer, string directory, LogKind kind, LogTuning tuning)
    {
        string path = Path.Combine(directory, SegmentNames.Log(kind, 0));
        var first = new Segment(path, environment.NewSalt(), baseOffset: 0, startOfLog: 0) { Index = new SegmentIndex() };
        return new SegmentedLog(environment, observer, directory, kind, tuning, [first], activeFileExists: false);
    }

    private static List<SegmentFile> ListFiles(LogEnvironment environment, string directory, LogKind kind, long keptFrom)
    {
        List<SegmentFile> files = SegmentFiles.FinishAndList(environment.Files, directory, kind);
        RemoveUnfinished(environment, directory, files);
        RemoveGivenUp(environment, directory, kind, files, keptFrom);
        return files;
    }

    /// <summary>A crash while the newest segment was created leaves a file without a header, and never with a record.</summary>
    private static void RemoveUnfinished(LogEnvironment environment, string directory, List<SegmentFile> files)
    {
        if (files.Count == 0) return;
        SegmentFile newest = files[^1];
        if (newest.Header is not null) return;
        using (IStorageFile file = environment.Files.Open(newest.Path))
        {
            if (SegmentFile.HoldsMoreThanAHeader(file)) return;
        }

        environment.Files.DeleteFile(newest.Path);
        environment.Files.SyncDirectory(directory);
        files.RemoveAt(files.Count - 1);
    }

    /// <summary>Finishes a removal that a crash has interrupted.</summary>
    private static void RemoveGivenUp(
        LogEnvironment environment, string directory, LogKind kind, List<SegmentFile> files, long keptFrom)
    {
        int givenUp = 0;
        while (givenUp < files.Count - 1 && files[givenUp + 1].Base <= keptFrom) environment.Files.DeleteFile(files[givenUp++].Path);
        files.RemoveRange(0, givenUp);
        foreach (string name in environment.Files.ListFiles(directory))
        {
            if (SegmentNames.TryParseIndex(kind, name, out long baseOffset) && !files.Exists(file => file.Base == baseOffset))
                environment.Files.DeleteFile(Path.Combine(directory, name));
        }
    }

    private static void RefuseUnreadable(LogEnvironment environment, List<SegmentFile> files)
    {
        int index = files.FindIndex(static file => !file.IsReadable);
        if (index < 0) return;
        using IStorageFile file = environment.Files.Open(files[index].Path);
        throw new LogDamagedException(files[index].DescribeUnreadable(file.Length, index + 1 < files.Count ? files[index + 1].Base : null));
    }

    private static Segment OpenSegment(
        LogEnvironment environment, SegmentFile found, Segment? previous, long? next, long visitFrom, IRecordVisitor visitor)
    {
        using IStorageFile file = environment.Files.Open(found.Path);
        Segment segment = found.ToSegment(startOfLog: previous is null ? 0 : previous.StartOfLog + previous.EndPosition);
        if (next is { } end) OpenSealed(file, segment, end, visitFrom, visitor);
        else OpenActive(file, segment, visitor);
        return segment;
    }

    private static void OpenActive(IStorageFile file, Segment segment, IRecordVisitor visitor)
    {
        using var walk = SegmentWalk.Active(file, segment);
        SegmentScan scan = Scan(segment, walk, visitor);

        // Remains of a crash must go for good: a later record could end exactly where one of them starts.
        if (!scan.TailIsClean) file.Truncate(scan.EndPosition);

        // A killed process leaves its last writes in the system's cache only; what is served from now on must outlive that cache.
        WriteAgain(file, scan.UnsyncedFrom > SegmentHeader.Size ? scan.UnsyncedFrom : 0, scan.EndPosition);
        file.Sync();
    }

    /// <summary>A sealed segment that a snapshot covers is not read now; its checksums are verified when it is.</summary>
    private static void OpenSealed(IStorageFile file, Segment segment, long endOffset, long visitFrom, IRecordVisitor visitor)
    {
        if (endOffset <= visitFrom)
        {
            segment.EndOffset = endOffset;
            segment.EndPosition = file.Length;
            return;
        }

        using var walk = SegmentWalk.Sealed(file, segment, endOffset);
        Scan(segment, walk, visitor);
    }

    private static SegmentScan Scan(Segment segment, SegmentWalk walk, IRecordVisitor visitor)
    {
        var index = new SegmentIndex();
        SegmentScan scan = SegmentScan.Run(walk, index, visitor);
        segment.Index = index;
        segment.EndOffset = scan.EndOffset;
        segment.EndPosition = scan.EndPosition;
        return scan;
    }

    /// <summary>
    /// After a failed sync the system takes pages for clean that it never wrote, and shows them all the same: another sync would
    /// skip them and succeed (S-65). Writing the same bytes again makes it a sync of these.
    /// </summary>
    private static void WriteAgain(IStorageFile file, long from, long to)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(to - from, LargestRewriteBytes));
        try
        {
            for (long position = from; position < to;)
            {
                Span<byte> piece = buffer.AsSpan(0, (int)Math.Min(to - position, buffer.Length));
                int read = file.Read(piece, position);
                file.Write(piece[..read], position);
                position += piece.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
