using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Log.Repair;

/// <summary>What one step of a repair gave up.</summary>
/// <param name="Damage">What was found.</param>
/// <param name="Action">What was done about it, in words for an operator.</param>
/// <param name="LostRecords">Records that are gone with it; null when nobody can tell.</param>
internal sealed record RepairStep(LogDamage Damage, string Action, long? LostRecords);

/// <summary>Makes a damaged log readable again, at the price of what cannot be read. No file of it may be open. Blocks on the disk.</summary>
/// <remarks>Every step is whole or not done, and may be repeated: a crash in between leaves a log that is damaged as before, or less.</remarks>
internal static class LogRepair
{
    /// <summary>Cuts the log at the first record that cannot be read: that one, and everything behind it, goes (S-47).</summary>
    public static RepairStep Cut(LogEnvironment environment, string directory, LogKind kind, LogDamage damage)
    {
        long offset = damage.Offset!.Value;
        IStorageFileSystem files = environment.Files;
        foreach ((long start, string path) in Segments(files, directory, kind))
        {
            bool isDamaged = path == damage.Path;
            if (start <= offset && !isDamaged) continue;
            if (isDamaged && damage.Position >= SegmentHeader.Size) Truncate(files, path, damage.Position);
            else Delete(files, path);
        }

        if (Segments(files, directory, kind).Count == 0) StartAnew(environment, directory, kind, offset);
        files.SyncDirectory(directory);
        return new RepairStep(damage, $"the log was cut: it ends before record {offset}", LostRecords: null);
    }

    /// <summary>Gives up everything in the log, and lets it go on with an offset.</summary>
    public static void StartAnew(LogEnvironment environment, string directory, LogKind kind, long offset)
    {
        foreach ((_, string path) in Segments(environment.Files, directory, kind)) Delete(environment.Files, path);
        using var writer = new SegmentWriter(environment, directory, kind, offset);
        writer.Finish();
    }

    /// <summary>Writes the damaged segment anew: what can be read stays, and a lost record stands for each that cannot (S-53).</summary>
    public static RepairStep Salvage(LogEnvironment environment, string directory, LogKind kind, LogDamage damage)
    {
        List<(long Start, string Path)> segments = Segments(environment.Files, directory, kind);
        int index = segments.FindIndex(segment => segment.Path == damage.Path);
        bool isMissing = damage is { Position: 0, EndPosition: 0, EndOffset: not null };
        if (index < 0 || isMissing) return FillGap(environment, directory, kind, damage);

        long? end = index + 1 < segments.Count ? segments[index + 1].Start : null;
        long lost = Rewrite(environment, directory, kind, segments[index].Start, segments[index].Path, end);
        return new RepairStep(damage, $"the segment was written anew without {lost} record(s) that cannot be read", lost);
    }

    /// <summary>Puts a segment of lost records where a file, or the end of the log, is missing.</summary>
    private static RepairStep FillGap(LogEnvironment environment, string directory, LogKind kind, LogDamage damage)
    {
        long offset = damage.Offset!.Value;
        long end = damage.EndOffset ?? offset;
        using (var writer = new SegmentWriter(environment, directory, kind, offset))
        {
            for (long lost = offset; lost < end; lost++) writer.AddLost(lost);
            writer.Finish();
        }

        return new RepairStep(damage, $"{end - offset} missing record(s) were given up", end - offset);
    }

    private static long Rewrite(LogEnvironment environment, string directory, LogKind kind, long start, string path, long? end)
    {
        using IStorageFile file = environment.Files.Open(path);
        using var writer = new SegmentWriter(environment, directory, kind, start);
        long lost = SaltOf(file, kind, start) is { } salt ? CopyReadable(file, new Segment(path, salt, start, startOfLog: 0), end, writer) : AddLost(writer, start, end ?? start);
        writer.Finish();
        return lost;
    }

    private static long CopyReadable(IStorageFile file, Segment segment, long? end, SegmentWriter writer)
    {
        long lost = 0;
        using SegmentWalk walk = end is { } known ? SegmentWalk.Sealed(file, segment, known) : SegmentWalk.Active(file, segment);
        while (true)
        {
            while (walk.TryNext(out Record record)) writer.Add(record);
            if (walk.FindDamage() is not { } damage) return lost;
            long from = walk.Offset;
            walk.Pass(damage);
            lost += AddLost(writer, from, walk.Offset);
            if (damage.EndOffset is null) return lost;
        }
    }

    private static long AddLost(SegmentWriter writer, long from, long to)
    {
        for (long offset = from; offset < to; offset++) writer.AddLost(offset);
        return to - from;
    }

    private static uint? SaltOf(IStorageFile file, LogKind kind, long start)
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Size];
        int read = file.Read(bytes, 0);
        return SegmentHeader.TryRead(bytes[..read], out SegmentHeader header) && header.Kind == kind && header.BaseOffset == start ? header.Salt : null;
    }

    private static List<(long Start, string Path)> Segments(IStorageFileSystem files, string directory, LogKind kind)
    {
        var found = new List<(long, string)>();
        foreach (string name in files.ListFiles(directory))
        {
            if (SegmentNames.TryParse(kind, name, out long start)) found.Add((start, Path.Combine(directory, name)));
        }

        found.Sort();
        return found;
    }

    private static void Truncate(IStorageFileSystem files, string path, long position)
    {
        using IStorageFile file = files.Open(path);
        file.Truncate(position);
        file.Sync();
    }

    private static void Delete(IStorageFileSystem files, string path)
    {
        files.DeleteFile(path);
        files.DeleteFile(SegmentNames.IndexOf(path));
    }
}
