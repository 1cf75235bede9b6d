using System.Text.Json.Serialization;

namespace Fibril.Dashboard.Api.Models;

/// <summary>The storage engine in detail: what <c>GET /admin/api/overview</c> has beyond the first look.</summary>
public sealed record DiagnosticsOverview(DiagnosticsMessages Broker, StorageRates Storage, DiagnosticsSessions Tcp, EngineDetail Stroma, BrokerGauges Now, long UptimeSeconds);

/// <summary>How long messages take, and what the cleanup of idle queues comes to.</summary>
public sealed record DiagnosticsMessages(
    double? AvgPublishBatchSize, double? AvgAckBatchSize, LatencyReading ConfirmLatency, LatencyReading DeliveryLatency, LatencyReading Lateness, Dictionary<string, long> QueueCleanup);

/// <summary>Connections and sessions since the start.</summary>
public sealed record DiagnosticsSessions(
    long TotalConnections, long TotalBytesIn, long TotalBytesOut, long ErrorsTotal, long ResumeNewTotal, long ResumeAcceptedTotal, long ResumeRejectedTotal, long ReconnectGraceEnteredTotal,
    long ReconnectGraceExpiredTotal, long ReconcileRequestsTotal, long ReconcileKeptTotal, long ReconcileRestoredTotal, long ReconcileClientClosedTotal, long ReconcileServerDroppedTotal,
    long ReconcileMismatchedTotal, long ReconcileRestoreFailedTotal);

/// <summary>Logs, snapshots, and what was found at starts.</summary>
public sealed record EngineDetail(EngineLogs Log, EngineSnapshots Snapshot, EngineRecovery Recovery);

/// <summary>The logs: messages, and what happened to them.</summary>
public sealed record EngineLogs(EngineLog EventLog, EngineLog MessageLog);

/// <summary>The logs of one kind.</summary>
public sealed record EngineLog(
    [property: JsonPropertyName("appends_per_sec_1m")] double AppendsPerSec, double? AvgAppendLatencyMs, double? MaxAppendLatencyMs, double? AvgBatchSize, long TotalAppends, long TotalItems,
    long TotalBytes, [property: JsonPropertyName("reads_per_sec_1m")] double ReadsPerSec, double? AvgReadLatencyMs, long TotalReads, LatencyReading Sync);

/// <summary>Snapshots of partitions.</summary>
public sealed record EngineSnapshots(
    long AttemptsTotal, long FailuresTotal, double? AvgEncodeMs, double? MaxEncodeMs, double? AvgWriteMs, double? MaxWriteMs, long LastSnapshotSizeBytes, long TotalBytesWritten);

/// <summary>Partitions loaded, and damage found.</summary>
public sealed record EngineRecovery(double? AvgStartupMs, double? MaxStartupMs, long TotalEventsReplayed, long QueuesRecovered, int Quarantined, long QuarantinesTotal);

/// <summary>Whether the broker should be sent clients: <c>GET /readyz?verbose</c>.</summary>
public sealed record Readiness(bool Ready, bool Degraded, string Policy, int QuarantinedCount, IReadOnlyList<ReadinessCheck>? Checks);

/// <summary>One thing that it depends on: <c>ok</c>, <c>degraded</c>, or <c>failed</c>.</summary>
public sealed record ReadinessCheck(string Name, string Status, string? Detail);
