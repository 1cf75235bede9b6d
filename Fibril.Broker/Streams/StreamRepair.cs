using Fibril.Broker.Log;
using Fibril.Broker.Log.Repair;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Streams.Cursors;

namespace Fibril.Broker.Streams;

/// <summary>Decides what to give up of a damaged partition so that the rest can be served (S-47, S-53). Blocks on the disk.</summary>
internal static class StreamRepair
{
    /// <summary>Repairs one damage. The next attempt to load may find another.</summary>
    public static RepairStep Fix(LogEnvironment environment, string directory, LogDamage damage)
    {
        string name = Path.GetFileName(damage.Path);
        if (SegmentNames.TryParse(LogKind.Messages, name, out _))
            return LogRepair.Salvage(environment, directory, LogKind.Messages, damage, beforeLoss: static _ => { });
        if (!SegmentNames.TryParse(LogKind.Events, name, out _)) return ReplaceSnapshots(environment, directory, damage);

        // The cursor log ends before what the snapshot stands on: that holds what it would have said.
        if (!damage.IsMissing) return LogRepair.Cut(environment, directory, LogKind.Events, damage);
        long offset = damage.EndOffset!.Value;
        LogRepair.StartAnew(environment, directory, LogKind.Events, offset);
        return new RepairStep(damage, $"the log goes on with record {offset}, behind what the snapshot holds", offset - damage.Offset);
    }

    /// <summary>No snapshot can be read: cursors that only a snapshot knew start at the oldest record again.</summary>
    private static RepairStep ReplaceSnapshots(LogEnvironment environment, string directory, LogDamage damage)
    {
        var standIn = new CursorSnapshot(
            EventEnd: SegmentFiles.FirstOffset(environment.Files, directory, LogKind.Events),
            StartOffset: SegmentFiles.FirstOffset(environment.Files, directory, LogKind.Messages),
            Cursors: []);
        SnapshotFile.Replace(environment.Files, directory, standIn.Encode());
        return new RepairStep(damage, "the snapshots were given up; cursors that stood there only start at the oldest record again", LostRecords: null);
    }
}
