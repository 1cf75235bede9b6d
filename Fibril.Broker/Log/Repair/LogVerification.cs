using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;

namespace Fibril.Broker.Log.Repair;

/// <summary>Reads everything that is stored in a directory and finds all damage, whether or not anybody would have come across it. Blocks on the disk.</summary>
internal static class LogVerification
{
    /// <summary>Looks at every record of the logs and at every snapshot. No file may be open for writing.</summary>
    public static IReadOnlyList<LogDamage> Run(IStorageFileSystem files, string directory, params ReadOnlySpan<LogKind> kinds)
    {
        var damages = new List<LogDamage>();
        foreach (LogKind kind in kinds) VerifyLog(files, directory, kind, damages);
        try
        {
            damages.AddRange(SnapshotFile.Load(files, directory).Damages);
        }
        catch (LogDamagedException damaged)
        {
            damages.Add(damaged.Damage);
        }

        return damages;
    }

    private static void VerifyLog(IStorageFileSystem files, string directory, LogKind kind, List<LogDamage> damages)
    {
        List<SegmentFile> segments = SegmentFiles.List(files, directory, kind, superseded: out _);
        for (int i = 0; i < segments.Count; i++)
            VerifySegment(files, segments[i], i + 1 < segments.Count ? segments[i + 1].Base : null, damages);
    }

    private static void VerifySegment(IStorageFileSystem files, SegmentFile found, long? end, List<LogDamage> damages)
    {
        using IStorageFile file = files.Open(found.Path);
        if (!found.IsReadable)
        {
            // The newest may be one that a crash left without a header, and without a record.
            if (end is null && found.Header is null && !SegmentFile.HoldsMoreThanAHeader(file)) return;
            damages.Add(found.DescribeUnreadable(file.Length, end));
            return;
        }

        using SegmentWalk walk = SegmentWalk.Of(file, found.ToSegment(), end);
        while (true)
        {
            while (walk.TryNext(out Record _))
            {
                // Its checksum was looked at.
            }

            if (walk.FindDamage() is not { } damage) return;
            damages.Add(damage);
            if (damage.EndOffset is null || damage.EndPosition <= walk.Position) return;
            walk.Pass(damage);
        }
    }
}
