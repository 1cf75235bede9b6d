namespace Fibril.Dashboard.Api.Models;

/// <summary>A page of declared streams: <c>GET /admin/api/streams/list</c>.</summary>
public sealed record StreamList(int Total, IReadOnlyList<StreamRow> Streams);

/// <summary>One stream.</summary>
public sealed record StreamRow(string Topic, int PartitionCount, int LoadedPartitions, string Durability, Retention Retention, int? ReplicationFactor);

/// <summary>What a stream keeps; null for no bound.</summary>
public sealed record Retention(long? MaxAgeMs, long? MaxBytes, long? MaxRecords);
