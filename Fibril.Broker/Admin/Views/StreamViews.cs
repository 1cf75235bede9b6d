using Fibril.Broker.Streams;
using Fibril.Broker.Streams.Catalogue;
using Fibril.Protocol;

namespace Fibril.Broker.Admin.Views;

/// <summary>The body of <c>POST /admin/api/streams</c>. A bound that is given replaces all three.</summary>
internal sealed record DeclareStreamBody(
    string Topic, int? PartitionCount = null, string? Durability = null, long? MaxAgeMs = null, long? MaxBytes = null, long? MaxRecords = null, int? ReplicationFactor = null);

/// <summary>The answer of a declaration.</summary>
internal sealed record DeclaredStreamView(string Status, int PartitionCount);

/// <summary>The body of <c>PUT /admin/api/streams/retention</c>: the bounds from now on; those that are left out are none.</summary>
internal sealed record StreamRetentionBody(string Topic, long? MaxAgeMs = null, long? MaxBytes = null, long? MaxRecords = null);

/// <summary>What a stream keeps.</summary>
internal sealed record RetentionView(long? MaxAgeMs, long? MaxBytes, long? MaxRecords)
{
    public static RetentionView Of(RetentionBounds bounds) => new(bounds.MaxAgeMs, bounds.MaxBytes, bounds.MaxRecords);
}

/// <summary>The streams that are loaded (admin-api 10.1).</summary>
internal sealed record StreamsView(IReadOnlyList<StreamPartitionView> Streams);

/// <summary>One partition of a stream.</summary>
/// <param name="Topic">The stream.</param>
/// <param name="Partition">Which partition.</param>
/// <param name="Head">Offset of the oldest record that is kept.</param>
/// <param name="Tail">Offset behind the newest.</param>
/// <param name="Durability">The tier.</param>
/// <param name="MaxAgeMs">What is kept.</param>
/// <param name="MaxBytes">What is kept.</param>
/// <param name="MaxRecords">What is kept.</param>
/// <param name="LiveSubscriptions">Readers that are served from memory.</param>
/// <param name="Subscriptions">All readers.</param>
/// <param name="LagEvictions">How often a reader came back to that.</param>
/// <param name="Lagged">How often retention overtook a reader or a cursor.</param>
/// <param name="SizeBytes">Bytes of all segments.</param>
/// <param name="Cursors">Pairs of a name and the next offset to read, by name.</param>
/// <param name="CursorDetails">The same with all that is known.</param>
internal sealed record StreamPartitionView(
    string Topic,
    int Partition,
    long Head,
    long Tail,
    string Durability,
    long? MaxAgeMs,
    long? MaxBytes,
    long? MaxRecords,
    int LiveSubscriptions,
    int Subscriptions,
    long LagEvictions,
    long Lagged,
    long SizeBytes,
    IReadOnlyList<object[]> Cursors,
    IReadOnlyList<CursorView> CursorDetails)
{
    public static StreamPartitionView Of(StreamEntry entry, StreamPartitionStatus status) => new(
        entry.Name.Topic, status.Id.Partition, status.StartOffset, status.EndOffset, StreamDeclaration.NameOf(entry.Settings.Tier),
        entry.Settings.Retention.MaxAgeMs, entry.Settings.Retention.MaxBytes, entry.Settings.Retention.MaxRecords,
        status.LiveSubscriptions, status.Subscriptions, status.LagRecoveries, status.Lagged, status.SizeBytes,
        [.. status.Cursors.Select(static cursor => new object[] { cursor.Name, cursor.Position })],
        [.. status.Cursors.Select(static cursor => new CursorView(cursor.Name, cursor.Position, cursor.BehindBy, cursor.Readers, cursor.IsLagged, cursor.LastAdvancedMs))]);
}

/// <summary>One durable cursor.</summary>
/// <param name="Name">The name that readers give.</param>
/// <param name="Position">The next offset to read.</param>
/// <param name="Lag">Records between it and the tail.</param>
/// <param name="Readers">Subscriptions that use it now.</param>
/// <param name="IsLagged">True when retention took records that it had not come to.</param>
/// <param name="LastAdvancedMs">When it moved last, in Unix milliseconds.</param>
internal sealed record CursorView(string Name, long Position, long Lag, int Readers, bool IsLagged, long? LastAdvancedMs);

/// <summary>All declared streams.</summary>
internal sealed record StreamListView(int Total, IReadOnlyList<StreamRow> Streams);

/// <summary>One declared stream.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="PartitionCount">Its partitions.</param>
/// <param name="LoadedPartitions">Those in memory.</param>
/// <param name="Durability">The tier.</param>
/// <param name="Retention">What is kept.</param>
/// <param name="ReplicationFactor">Followers of each partition; null for the default.</param>
internal sealed record StreamRow(string Topic, int PartitionCount, int LoadedPartitions, string Durability, RetentionView Retention, int? ReplicationFactor);

/// <summary>One stream with all its partitions.</summary>
internal sealed record StreamView(StreamRow Stream, IReadOnlyList<StreamPartitionView> Partitions);
