using Fibril.Broker.Log;
using Fibril.Broker.Log.Repair;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Queues.Recovery;

/// <summary>Decides what to give up of a damaged partition so that the rest can be served (S-47, S-53). Blocks on the disk.</summary>
internal static class PartitionRepair
{
    /// <summary>Repairs one damage. The next attempt to load may find another.</summary>
    public static RepairStep Fix(LogEnvironment environment, string directory, LogDamage damage)
    {
        string name = Path.GetFileName(damage.Path);
        if (SegmentNames.TryParse(LogKind.Messages, name, out _))
        {
            return LogRepair.Salvage(
                environment, directory, LogKind.Messages, damage, beforeLoss: offsets => ForgetProducers(environment, directory, offsets));
        }

        if (!SegmentNames.TryParse(LogKind.Events, name, out _)) return ReplaceSnapshots(environment, directory, damage);

        // The events end before the ones that the snapshot stands on: it holds what they would have said.
        return damage.IsMissing ? StartEventsAnew(environment, directory, damage) : LogRepair.Cut(environment, directory, LogKind.Events, damage);
    }

    /// <summary>
    /// A producer that sends a message again must not hear that it is stored when it is given up (DUP-2). Comes first: a repair that is cut
    /// short is made again as long as there is damage, and no longer.
    /// </summary>
    private static void ForgetProducers(LogEnvironment environment, string directory, OffsetRange offsets)
    {
        Snapshot? newest;
        try
        {
            newest = SnapshotFile.Load(environment.Files, directory).Newest;
        }
        catch (LogDamagedException)
        {
            return; // what is remembered cannot be read, and goes with the snapshots
        }

        if (newest is null) return;
        QueueSnapshot snapshot = QueueSnapshot.Decode(newest.Payload);
        if (snapshot.Producers.SelectMany(static producer => producer.Sent).Any(sent => offsets.Contains(sent.Offset)))
            SnapshotFile.Replace(environment.Files, directory, snapshot.WithoutProducersOf(offsets).Encode());
    }

    private static RepairStep StartEventsAnew(LogEnvironment environment, string directory, LogDamage damage)
    {
        long offset = damage.EndOffset!.Value;
        LogRepair.StartAnew(environment, directory, LogKind.Events, offset);
        return new RepairStep(damage, $"the log goes on with event {offset}, behind what the snapshot holds", offset - damage.Offset);
    }

    /// <summary>
    /// No snapshot can be read. What the remaining events and messages say is served: messages whose settlement only a snapshot knew come again.
    /// </summary>
    private static RepairStep ReplaceSnapshots(LogEnvironment environment, string directory, LogDamage damage)
    {
        long firstMessage = SegmentFiles.FirstOffset(environment.Files, directory, LogKind.Messages);
        long firstEvent = SegmentFiles.FirstOffset(environment.Files, directory, LogKind.Events);
        var standIn = new QueueSnapshot
        {
            MessageEnd = firstMessage,
            EventEnd = firstEvent,
            Settled = firstMessage > 0 ? [new OffsetRange(0, firstMessage)] : [],
            Delayed = [],
            Deadlines = [],
            Retries = [],
        };
        SnapshotFile.Replace(environment.Files, directory, standIn.Encode());
        return new RepairStep(damage, "the snapshots were given up; messages that were settled before may be delivered again", LostRecords: null);
    }
}
