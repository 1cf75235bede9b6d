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
        List<SegmentFile> segments = SegmentFiles.FinishAndList(files, directory, kind);
        int deleted = 0;
        foreach (SegmentFile segment in segments)
        {
            bool isDamaged = segment.Path == damage.Path;
            if (segment.Base <= offset && !isDamaged) continue;
            if (isDamaged && damage.Position >= SegmentHeader.Size)
            {
                Truncate(files, segment.Path, damage.Position);
                continue;
            }

            Delete(files, segment.Path);
            deleted++;
        }

        if (deleted == segments.Count) StartAnew(environment, directory, kind, offset);
        files.SyncDirectory(directory);
        return new RepairStep(damage, $"the log was cut: it ends before record {offset}", LostRecords: null);
    }

    /// <summary>Gives up everything in the log, and lets it go on with an offset.</summary>
    public static void StartAnew(LogEnvironment environment, string directory, LogKind kind, long offset)
    {
        foreach (SegmentFile segment in SegmentFiles.FinishAndList(environment.Files, directory, kind)) Delete(environment.Files, segment.Path);
        using var writer = new SegmentWriter(environment, directory, kind, offset);
        writer.Finish();
    }

    /// <summary>Writes the damaged segment anew: what can be read stays, and a lost record stands for each that cannot (S-53).</summary>
    /// <param name="environment">What the logs of the broker share.</param>
    /// <param name="directory">The partition's directory.</param>
    /// <param name="kind">Which log.</param>
    /// <param name="damage">What was found.</param>
    /// <param name="beforeLoss">Called with the offsets among which records may be given up, before any is.</param>
    public static RepairStep Salvage(
        LogEnvironment environment, string directory, LogKind kind, LogDamage damage, Action<OffsetRange> beforeLoss)
    {
        List<SegmentFile> segments = SegmentFiles.FinishAndList(environment.Files, directory, kind);
        int index = segments.FindIndex(segment => segment.Path == damage.Path);
        if (index < 0 || damage.IsMissing)
        {
            long offset = damage.Offset!.Value;
            var missing = new OffsetRange(offset, damage.EndOffset ?? offset);
            beforeLoss(missing);
            return FillGap(environment, directory, kind, damage, missing);
        }

        long? next = index + 1 < segments.Count ? segments[index + 1].Base : null;
        beforeLoss(new OffsetRange(segments[index].Base, next ?? long.MaxValue));
        long lost = Rewrite(environment, directory, segments[index], next);
        return new RepairStep(damage, $"the segment was written anew without {lost} record(s) that cannot be read", lost);
    }

    /// <summary>Puts a segment of lost records where a file, or the end of the log, is missing.</summary>
    private static RepairStep FillGap(LogEnvironment environment, string directory, LogKind kind, LogDamage damage, OffsetRange missing)
    {
        using (var writer = new SegmentWriter(environment, directory, kind, missing.Start))
        {
            AddLost(writer, missing.Start, missing.End);
            writer.Finish();
        }

        return new RepairStep(damage, $"{missing.Count} missing record(s) were given up", missing.Count);
    }

    private static long Rewrite(LogEnvironment environment, string directory, SegmentFile found, long? end)
    {
        using IStorageFile file = environment.Files.Open(found.Path);
        using var writer = new SegmentWriter(environment, directory, found.Kind, found.Base);
        long lost = found.IsReadable
            ? CopyReadable(file, found.ToSegment(), end, writer)
            : AddLost(writer, found.Base, end ?? found.Base);
        writer.Finish();
        return lost;
    }

    private static long CopyReadable(IStorageFile file, Segment segment, long? end, SegmentWriter writer)
    {
        long lost = 0;
        using SegmentWalk walk = SegmentWalk.Of(file, segment, end);
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
