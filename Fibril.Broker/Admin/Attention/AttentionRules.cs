using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Admin.Explaining;
using Fibril.Broker.Channels;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.RuntimeSettings;
using Fibril.Broker.Statistics;
using Fibril.Broker.Statistics.History;
using Fibril.Broker.Statistics.Readings;
using Fibril.Broker.Streams;
using Fibril.Protocol;

namespace Fibril.Broker.Admin.Attention;

/// <summary>What is worth an operator's attention now (admin-api 6.3), in the order in which it is told within a severity.</summary>
internal sealed class AttentionRules(
    QueueRegistry queues, StreamRegistry streams, BrokerStatistics statistics, RuntimeSettingsStore settings, TlsStatus tls, AdminOptions options, Drain drain, TimeProvider time)
{
    private static readonly TimeSpan CertificateWarning = TimeSpan.FromDays(30);

    private const double LowShare = 0.10;
    private const double CriticalShare = 0.03;
    private const int RisingSamples = 24;
    private const long RisingDepth = 100;

    public IEnumerable<AttentionItem> Find(IReadOnlyList<Stall> stalls)
    {
        QuarantinedPartition[] quarantined = [.. queues.Quarantined, .. streams.Quarantined];
        return
        [
            .. quarantined.Select(static partition => new AttentionItem(
                AuditSeverity.Critical, "quarantined", SubjectOf(partition.Partition), $"Partition {partition.Partition} serves nobody because its files are damaged.", "/")
            {
                Remedy = "Restore its files, or give up what is damaged: POST /admin/api/quarantine/repair.",
            }),
            .. Settings(),
            .. Certificate(),
            .. OutOfService(quarantined),
            .. NoConsumers(),
            .. stalls.Select(ItemOf),
            .. Disk(),
            .. Exposure(),
            .. Draining(),
            .. RisingBacklogs(),
        ];
    }

    private IEnumerable<AttentionItem> Settings()
    {
        if (settings.Current.LoadIssue is not { } issue) yield break;
        yield return new AttentionItem(
            AuditSeverity.Warning, "settings_load", $"runtime settings v{issue.Version}", $"The stored runtime settings cannot be read, so those of the startup are in effect: {issue.Message}", "/admin/settings")
        {
            Remedy = $"Write them anew with expected_version {issue.Version}, or reset them: POST /admin/api/runtime-settings/reset.",
        };
    }

    private IEnumerable<AttentionItem> Certificate()
    {
        if (tls.Describe() is not { } served) yield break;
        TimeSpan left = DateTimeOffset.FromUnixTimeSeconds(served.NotAfterUnix) - time.GetUtcNow();
        if (left > CertificateWarning) yield break;
        yield return new AttentionItem(
            left <= TimeSpan.Zero ? AuditSeverity.Critical : AuditSeverity.Warning, "cert_expiring", served.Subject,
            left <= TimeSpan.Zero ? $"The served certificate {served.Subject} has expired." : $"The served certificate {served.Subject} expires in {left.TotalDays:0} day(s).", "/admin/security")
        {
            Remedy = "Replace the files and load them with POST /admin/api/tls/reload.",
        };
    }

    private IEnumerable<AttentionItem> OutOfService(QuarantinedPartition[] quarantined)
    {
        HashSet<PartitionId> damaged = [.. quarantined.Select(static partition => partition.Partition)];
        foreach (OutOfServicePartition partition in queues.OutOfService.Concat(streams.OutOfService))
        {
            var id = new PartitionId(new QueueName(partition.Topic, partition.Group), partition.Partition);
            if (!damaged.Contains(id))
                yield return new AttentionItem(AuditSeverity.Warning, "queue_state_error", partition.Topic, partition.Reason, "/admin/queues") { Remedy = "Look at the disk and at the broker's log." };
        }

        IEnumerable<(PartitionId Id, string? Text)> failing = queues.Loaded.Where(static partition => partition.IsInOutage).Select(static partition => (partition.Id, partition.OutageText))
            .Concat(streams.Loaded.Where(static partition => partition.IsInOutage).Select(static partition => (partition.Id, partition.OutageText)));
        foreach ((PartitionId id, string? text) in failing)
        {
            if (text is not null)
                yield return new AttentionItem(AuditSeverity.Critical, "storage_failing", SubjectOf(id), text, "/") { Remedy = "Look at the disk. The partition tries again by itself." };
        }
    }

    /// <summary>Judged by topic and group; where dead letters go, nobody has to listen (D-10).</summary>
    private IEnumerable<AttentionItem> NoConsumers()
    {
        Dictionary<QueueName, QueueTotals> totals = QueueTotals.OfLoaded(queues);
        if (!totals.Values.Any(static queue => queue is { Ready: > 0, Subscriptions: 0 })) yield break;
        Dictionary<QueueName, int> targets = DeadLetterTargets.All(queues);
        foreach ((QueueName name, QueueTotals queue) in totals.OrderBy(static pair => pair.Key))
        {
            if (queue is { Ready: > 0, Subscriptions: 0 } && !targets.ContainsKey(name))
            {
                yield return new AttentionItem(AuditSeverity.Warning, "no_consumer", SubjectOf(name), $"{queue.Ready} message(s) of {name} are ready, and nobody is subscribed.", "/admin/queues")
                {
                    Remedy = "Start a consumer of this topic and group.",
                };
            }
        }
    }

    private static AttentionItem ItemOf(Stall stall)
    {
        Finding? why = stall.Why.MaxBy(static finding => finding.Severity);
        string because = why?.Text ?? "Consumers could take more, and get nothing; look at GET /admin/api/explain.";
        return new AttentionItem(AuditSeverity.Warning, "stalled", SubjectOf(stall.Partition), $"Nothing of {stall.Partition} was delivered for {stall.For.TotalSeconds:0} s. {because}", "/admin/queues")
        {
            Remedy = why?.Remedy,
        };
    }

    private IEnumerable<AttentionItem> Disk()
    {
        if (queues.IsDiskFull)
        {
            yield return new AttentionItem(AuditSeverity.Critical, "disk_full", "data directory", "The disk is full: publishes are refused, and consumers are served on the reserve.", "/")
            {
                Remedy = "Make room on the disk of the data directory; the broker goes on by itself.",
            };
            yield break;
        }

        if (statistics.Disk is not { FreeBytes: var free, TotalBytes: > 0 and var total }) yield break;
        double share = (double)free / total;
        if (share >= LowShare) yield break;
        yield return new AttentionItem(
            share < CriticalShare ? AuditSeverity.Critical : AuditSeverity.Warning, "disk_low", "data directory", $"The disk of the data directory has {share:P0} of its room left ({free >> 20} MiB).", "/")
        {
            Remedy = "Make room, or purge what nobody needs: GET /admin/api/overview has the bytes of every channel.",
        };
    }

    private IEnumerable<AttentionItem> Exposure()
    {
        if (options.Auth.Enabled || System.Net.IPAddress.IsLoopback(options.Bind.Address)) yield break;
        yield return new AttentionItem(AuditSeverity.Warning, "admin_open", options.Bind.ToString(), "The admin listener can be reached from other machines and asks nobody for a password.", "/admin/security")
        {
            Remedy = "Switch logins on with admin.auth.enabled, or bind it to loopback.",
        };
    }

    private IEnumerable<AttentionItem> Draining()
    {
        if (drain.Announced is not { } announced) yield break;
        yield return new AttentionItem(AuditSeverity.Warning, "draining", "this broker", $"Clients were told that this broker goes away: {announced.Message}", "/admin/topology")
        {
            Remedy = "Stop it, or take the drain back: DELETE /admin/api/drain.",
        };
    }

    private IEnumerable<AttentionItem> RisingBacklogs()
    {
        Dictionary<QueueName, QueueTotals>? totals = null;
        foreach (QueueHistory queue in statistics.ReadHistory(new HistoryQuery { WithBroker = false }).Queues)
        {
            if (queue.Samples.Count < RisingSamples) continue;
            (long before, long after) = (queue.Samples[0].Depth, queue.Samples[^1].Depth);
            if (after < RisingDepth || after - before < Math.Max(before / 2, RisingDepth)) continue;
            totals ??= QueueTotals.OfLoaded(queues);
            if (totals.GetValueOrDefault(queue.Name).Subscriptions == 0) continue;
            string subject = SubjectOf(queue.Name);
            yield return new AttentionItem(AuditSeverity.Warning, "backlog_rising", subject, $"The backlog of {subject} grew from {before} to {after} although consumers are subscribed.", "/admin/queues")
            {
                Remedy = "Add consumers, or see why they are slow.",
            };
        }
    }

    private static string SubjectOf(QueueName name) => name.Group is { } group ? $"{name.Topic} ({group})" : name.Topic;

    private static string SubjectOf(PartitionId id) => id.Queue.Group is { } group ? $"{id.Queue.Topic}/{id.Partition}/{group}" : $"{id.Queue.Topic}/{id.Partition}";
}
