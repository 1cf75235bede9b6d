using System.Text.Json.Serialization;

namespace Fibril.Dashboard.Api.Models;

/// <summary>The broker at a glance: <c>GET /admin/api/overview</c>.</summary>
public sealed record BrokerOverview(
    BrokerRates Broker, StorageRates Storage, TcpRates Tcp, SystemUse Sys, long StorageUsed, IReadOnlyList<ChannelBytes> StorageBreakdown, BrokerGauges Now, long UptimeSeconds);

/// <summary>What happens to messages. Rates are of the last minute.</summary>
public sealed record BrokerRates(
    [property: JsonPropertyName("delivered_per_sec_1m")] double DeliveredPerSec,
    [property: JsonPropertyName("published_per_sec_1m")] double PublishedPerSec,
    [property: JsonPropertyName("acked_per_sec_1m")] double AckedPerSec,
    [property: JsonPropertyName("redelivered_per_sec_1m")] double RedeliveredPerSec,
    [property: JsonPropertyName("expired_per_sec_1m")] double ExpiredPerSec,
    long TotalPublished, long TotalDelivered, long TotalAcked, long TotalRedelivered, long TotalExpired, long TotalDeadLettered, long TotalReplayed,
    LatencyReading ConfirmLatency, LatencyReading DeliveryLatency, LatencyReading Lateness);

/// <summary>How long something takes, in milliseconds; percentiles are of the last minute, null where it did not happen.</summary>
public sealed record LatencyReading(
    long Count, double? MeanMs, double? MaxMs, double? P50Ms, double? P95Ms, double? P99Ms, [property: JsonPropertyName("max_1m_ms")] double? LastMinuteMaxMs);

/// <summary>What the disk does.</summary>
public sealed record StorageRates(
    [property: JsonPropertyName("reads_per_sec_1m")] double ReadsPerSec,
    [property: JsonPropertyName("writes_per_sec_1m")] double WritesPerSec,
    long TotalFailedSyncs, LatencyReading ReadLatency, LatencyReading WriteLatency, LatencyReading FlushLatency);

/// <summary>What goes over the broker listener.</summary>
public sealed record TcpRates(
    [property: JsonPropertyName("bytes_in_per_sec_1m")] double BytesInPerSec,
    [property: JsonPropertyName("bytes_out_per_sec_1m")] double BytesOutPerSec,
    long TotalConnections, long ErrorsTotal, long ResumeNewTotal, long ResumeAcceptedTotal, long ResumeRejectedTotal, long ReconnectGraceEnteredTotal, long ReconnectGraceExpiredTotal,
    long ReconcileKeptTotal, long ReconcileRestoredTotal, long ReconcileClientClosedTotal, long ReconcileServerDroppedTotal);

/// <summary>What the process uses.</summary>
public sealed record SystemUse(double RssMb, double Cpu);

/// <summary>What one channel takes on the disk.</summary>
public sealed record ChannelBytes(string Topic, string? Group, long MessageBytes, long EventBytes)
{
    public long Total => MessageBytes + EventBytes;
}

/// <summary>How the broker stands.</summary>
public sealed record BrokerGauges(
    long Ready, long Leased, long Delayed, long DeadLettering, int Connections, int Subscriptions, int LoadedPartitions, long ResidentBytes, double CpuPercent, long StoredBytes,
    long? DiskFreeBytes, long? DiskTotalBytes, bool DiskFull, int FailingPartitions);
