using System.Reflection;
using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Sessions.Resume;
using Fibril.Protocol;

namespace Fibril.Broker.Statistics;

/// <summary>What is exported of the whole broker and is no counter of one module.</summary>
internal static class BrokerInstruments
{
    public static void Add(Instruments instruments, BrokerParts parts, TimeProvider time)
    {
        AddSessions(instruments, parts);
        AddProcess(instruments, time);
        AddDisk(instruments, parts);
        instruments.Gauge("fibril.recovery.quarantined", "{partition}", "Partitions waiting for repair.", () => parts.QuarantinedCount);
        instruments.Count("fibril.recovery.quarantines", "{partition}", "Quarantine events since start.", () => parts.QuarantineCount);
        instruments.Gauge("fibril.partitions.loaded", "{partition}", "Partitions in memory.", () => parts.Queues.Loaded.Count() + parts.Streams.Loaded.Count());
        instruments.Gauge("fibril.queues.declared", "{queue}", "Queues in the catalogue.", () => parts.Queues.Catalogue.Count);
        instruments.Gauge("fibril.streams.declared", "{stream}", "Streams in the catalogue.", () => parts.Streams.Catalogue.Count);
    }

    private static void AddSessions(Instruments instruments, BrokerParts parts)
    {
        SessionCounters counters = parts.Sessions.Counters;
        instruments.Count("fibril.tcp.resume_new", "{session}", "Sessions that began without a resume attempt.", () => counters.CountOf(ResumeOutcome.New));
        instruments.Count("fibril.tcp.resume_accepted", "{session}", "Resume attempts accepted.", () => counters.ResumesAccepted);
        instruments.Count("fibril.tcp.resume_rejected", "{session}", "Resume attempts rejected.", () => counters.CountOf(ResumeOutcome.Rejected));
        instruments.Count("fibril.tcp.resume_not_found", "{session}", "Resume attempts for sessions that do not exist any more.", () => counters.CountOf(ResumeOutcome.NotFound));
        instruments.Count("fibril.tcp.reconnect_grace_entered", "{session}", "Disconnected sessions that entered the grace window.", () => counters.GraceEntered);
        instruments.Count("fibril.tcp.reconnect_grace_expired", "{session}", "Grace windows that ended unclaimed.", () => counters.GraceExpired);
        instruments.Count("fibril.tcp.reconcile_requests", "{request}", "Subscription reconcile requests on resume.", () => counters.Reconciliations);
        foreach (string outcome in ReconcileOutcomes.Names)
        {
            instruments.Count(
                "fibril.tcp.reconcile_outcomes", "{subscription}", "Reconcile results.", () => ReconcileOutcomes.CountOf(outcome, counters),
                KeyValuePair.Create("outcome", outcome));
        }

        instruments.Gauge("fibril.tcp.connections_open", "{connection}", "Open client connections.", () => parts.Connections.Count);
        instruments.Gauge("fibril.subscriptions_open", "{subscription}", "Open subscriptions.", () => parts.SubscriptionCount);
    }

    private static void AddProcess(Instruments instruments, TimeProvider time)
    {
        double startedAt = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        string version = typeof(BrokerInstruments).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        instruments.Gauge("fibril.build_info", "", "Always 1; the version is in the label.", static () => 1, KeyValuePair.Create("version", version));
        instruments.Gauge("fibril.process.start_time", "s", "When the broker was started, since the Unix epoch.", () => startedAt);
        instruments.Gauge("fibril.process.resident", "By", "Physical memory of the process.", static () => ProcessUse.ResidentBytes);
        instruments.Count("fibril.process.cpu", "s", "Processor time that the process has used.", static () => ProcessUse.ProcessorTime.TotalSeconds);
    }

    private static void AddDisk(Instruments instruments, BrokerParts parts)
    {
        if (parts.Disk is null) return;
        instruments.Gauge("fibril.disk.free", "By", "Room left on the disk of the data directory.", () => parts.Disk?.FreeBytes ?? double.NaN);
        instruments.Gauge("fibril.disk.total", "By", "Size of the disk of the data directory.", () => parts.Disk?.TotalBytes ?? double.NaN);
    }
}
