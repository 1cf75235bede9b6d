namespace Fibril.Dashboard.Api.Models;

/// <summary>A page of declared streams: <c>GET /admin/api/streams/list</c>.</summary>
public sealed record StreamList(int Total, IReadOnlyList<StreamRow> Streams);

/// <summary>One stream.</summary>
public sealed record StreamRow(string Topic, int PartitionCount, int LoadedPartitions, string Durability, Retention Retention, int? ReplicationFactor);

/// <summary>What a stream keeps; null for no bound.</summary>
public sealed record Retention(long? MaxAgeMs, long? MaxBytes, long? MaxRecords)
{
    public override string ToString()
    {
        string[] bounds =
        [
            .. new[]
            {
                MaxAgeMs is { } age ? Formats.Show.Duration(TimeSpan.FromMilliseconds(age)) : null,
                MaxBytes is { } bytes ? Formats.Show.Bytes(bytes) : null,
                MaxRecords is { } records ? Formats.Show.Plural(records, "record") : null,
            }.OfType<string>(),
        ];
        return bounds.Length == 0 ? "everything" : string.Join(", ", bounds);
    }
}

/// <summary>One stream with all its partitions: <c>GET /admin/api/streams/get</c>.</summary>
public sealed record StreamDetail(StreamRow Stream, IReadOnlyList<StreamPartitionRow> Partitions);

/// <summary>One partition of a stream.</summary>
/// <param name="Topic">The stream.</param>
/// <param name="Partition">Which partition.</param>
/// <param name="Head">Offset of the oldest record that is kept.</param>
/// <param name="Tail">Offset behind the newest.</param>
/// <param name="LiveSubscriptions">Readers that are served from memory.</param>
/// <param name="Subscriptions">All readers.</param>
/// <param name="LagEvictions">How often a reader came back to memory.</param>
/// <param name="Lagged">How often retention overtook a reader or a cursor.</param>
/// <param name="SizeBytes">Bytes of all segments.</param>
/// <param name="CursorDetails">The durable cursors.</param>
public sealed record StreamPartitionRow(
    string Topic, int Partition, long Head, long Tail, int LiveSubscriptions, int Subscriptions, long LagEvictions, long Lagged, long SizeBytes, IReadOnlyList<CursorRow> CursorDetails)
{
    public long Retained => Tail - Head;
}

/// <summary>One durable cursor.</summary>
/// <param name="Name">The name that readers give.</param>
/// <param name="Position">The next offset to read.</param>
/// <param name="Lag">Records between it and the tail.</param>
/// <param name="Readers">Subscriptions that use it now.</param>
/// <param name="IsLagged">True when retention took records that it had not come to.</param>
/// <param name="LastAdvancedMs">When it moved last, in Unix milliseconds.</param>
public sealed record CursorRow(string Name, long Position, long Lag, int Readers, bool IsLagged, long? LastAdvancedMs);
