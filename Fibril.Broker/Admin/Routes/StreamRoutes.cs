using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Channels;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Statistics;
using Fibril.Broker.Streams;
using Fibril.Broker.Streams.Catalogue;
using Fibril.Protocol;

namespace Fibril.Broker.Admin.Routes;

/// <summary>Streams: what there is, declare, change retention, delete (admin-api 10, 20).</summary>
internal sealed class StreamRoutes(StreamRegistry streams, QueueRegistry queues, BrokerStatistics statistics, AuditTrail audit) : IApiModule
{
    private static readonly Listing<StreamRow> Rows = new(
        static (row, search) => row.Topic.Contains(search, StringComparison.OrdinalIgnoreCase),
        ("topic", static (one, other) => string.CompareOrdinal(one.Topic, other.Topic)),
        ("partition_count", static (one, other) => one.PartitionCount.CompareTo(other.PartitionCount)),
        ("loaded_partitions", static (one, other) => one.LoadedPartitions.CompareTo(other.LoadedPartitions)));

    private static readonly Listing<PartitionId> Partitions = new(
        static (id, search) => id.Queue.Topic.Contains(search, StringComparison.OrdinalIgnoreCase),
        ("name", static (one, other) => one.Queue.CompareTo(other.Queue) is var result and not 0 ? result : one.Partition.CompareTo(other.Partition)));

    public void Map(ApiRoutes routes)
    {
        routes.Get("/admin/api/streams", "Every partition of a stream that is in memory.", ListLoadedAsync);
        routes.Get("/admin/api/streams_debug", "Every partition of a stream, with all that is known of it.", DebugAsync).With(Partitions.Parameters);
        routes.Get("/admin/api/streams/list", "All declared streams, a page at a time.", List).With(Rows.Parameters);
        routes.Get("/admin/api/streams/get", "One stream with all its partitions, which are loaded if need be.", DescribeAsync)
            .With(ChannelArguments.Topic).May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.UnknownStream, ApiErrorCodes.PartitionUnavailable);
        routes.Post<DeclareStreamBody, DeclaredStreamView>("/admin/api/streams", Access.Operate, "Declares a stream, or changes what it was declared with.", DeclareAsync)
            .Answers(StatusCodes.Status201Created)
            .May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.InvalidDurability, ApiErrorCodes.InvalidArgument, ApiErrorCodes.ChannelKindConflict,
                ApiErrorCodes.DeclareConflict, ApiErrorCodes.StorageFailed);
        routes.Put<StreamRetentionBody, RetentionView>("/admin/api/streams/retention", Access.Operate, "Replaces the bounds of what a stream keeps.", SetRetentionAsync)
            .May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.InvalidArgument, ApiErrorCodes.UnknownStream, ApiErrorCodes.StorageFailed);
        routes.Post<DeleteChannelBody, DeletedView>("/admin/api/streams/delete", Access.Operate, "Deletes a stream, with its records and cursors.", DeleteAsync)
            .May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.ConfirmationMismatch, ApiErrorCodes.StorageFailed);
    }

    public async Task<StreamsView> ListLoadedAsync(ApiRequest request)
    {
        var views = new List<StreamPartitionView>();
        foreach (StreamPartition partition in streams.Loaded.OrderBy(static partition => partition.Id.Queue).ThenBy(static partition => partition.Id.Partition))
        {
            if (streams.Catalogue.Find(partition.Id.Queue) is not { } entry) continue;
            try
            {
                views.Add(StreamPartitionView.Of(entry, await partition.DescribeAsync()));
            }
            catch (PartitionNotServingException)
            {
                // One that serves nobody does not hide the others.
            }
        }

        return new StreamsView(views);
    }

    public Task<PartitionsDebugView> DebugAsync(ApiRequest request)
    {
        IReadOnlyList<PartitionId> page = Partitions.Page(
            request, streams.Catalogue.All.SelectMany(static entry => entry.Partitions), out int total);
        Dictionary<PartitionId, StreamPartition> loaded = streams.Loaded.ToDictionary(static partition => partition.Id);
        ActivityView[] activity = [.. streams.Slots.OrderBy(static slot => slot.Id.Queue).ThenBy(static slot => slot.Id.Partition).Select(ActivityView.Of)];
        return Task.FromResult(PartitionsDebugView.Of(
            statistics.Read(), total, loaded.Count, [.. page.Select(id => ViewOf(id, loaded.GetValueOrDefault(id)))], activity, QueueCleanupView.Of(queues.Cleanup)));
    }

    private QueuePartitionView ViewOf(PartitionId id, StreamPartition? partition)
    {
        StoredSize size = partition?.Gauges.Stored ?? statistics.Storage.SizeOf(id);
        return new QueuePartitionView(
            id.Queue.Topic, id.Partition, null, "stream", partition is not null, size.TotalBytes > 0 || partition is not null, Evicting: false, 0, 0, 0, false, false, "owner", 0,
            partition?.ParkedBecause, PartitionStateView.Of(null, QueueSettings.Default) with { SettledUntil = partition?.Gauges.StartOffset ?? 0, EndOffset = partition?.Gauges.EndOffset ?? 0 },
            size.MessageBytes, size.EventBytes);
    }

    private StreamListView List(ApiRequest request)
    {
        Dictionary<QueueName, int> loaded = streams.Loaded.GroupBy(static partition => partition.Id.Queue).ToDictionary(static group => group.Key, static group => group.Count());
        IReadOnlyList<StreamRow> rows = Rows.Page(request, streams.Catalogue.All.Select(entry => RowOf(entry, loaded.GetValueOrDefault(entry.Name))), out int total);
        return new StreamListView(total, rows);
    }

    private async Task<StreamView> DescribeAsync(ApiRequest request)
    {
        StreamEntry entry = Find(ChannelArguments.QueueOf(request.Get(ChannelArguments.Topic), null));
        IReadOnlyList<StreamPartitionStatus> partitions = await streams.DescribeAsync(entry.Name);
        return new StreamView(RowOf(entry, partitions.Count), [.. partitions.Select(partition => StreamPartitionView.Of(entry, partition))]);
    }

    private async Task<DeclaredStreamView> DeclareAsync(ApiRequest request, DeclareStreamBody body)
    {
        QueueName name = ChannelArguments.QueueOf(body.Topic, null);
        StreamEntry? before = streams.Catalogue.Find(name);
        Durability tier = ParseTier(body.Durability);
        StreamEntry entry = await ApplyAsync(
            name,
            new StreamDeclaration(body.PartitionCount is { } count ? Math.Max(1, count) : null, tier, BoundsOf(body.MaxAgeMs, body.MaxBytes, body.MaxRecords), body.ReplicationFactor));
        if (entry == before) return new DeclaredStreamView("created", entry.PartitionCount);
        audit.Record(
            request, "stream_declared", name.Topic, $"{entry.PartitionCount} partition(s), {entry.Settings}.", before: before is null ? null : RowOf(before, 0), after: RowOf(entry, 0));
        return new DeclaredStreamView("created", entry.PartitionCount);
    }

    private async Task<RetentionView> SetRetentionAsync(ApiRequest request, StreamRetentionBody body)
    {
        StreamEntry before = Find(ChannelArguments.QueueOf(body.Topic, null));
        RetentionBounds bounds = BoundsOf(body.MaxAgeMs, body.MaxBytes, body.MaxRecords);
        StreamEntry after = await streams.SetRetentionAsync(before.Name, bounds);
        if (after == before) return RetentionView.Of(after.Settings.Retention);
        audit.Record(
            request, "stream_retention_changed", before.Name.Topic, $"It {after.Settings.Retention} now.", AuditSeverity.Warning,
            before: RetentionView.Of(before.Settings.Retention), after: RetentionView.Of(after.Settings.Retention));
        return RetentionView.Of(after.Settings.Retention);
    }

    private async Task<DeletedView> DeleteAsync(ApiRequest request, DeleteChannelBody body)
    {
        QueueName name = ChannelArguments.QueueOf(body.Topic, body.Group);
        ChannelArguments.Confirm(name, body.ConfirmTopic);
        StreamEntry? deleted = await streams.DeleteAsync(name);
        if (deleted is not null)
        {
            audit.Record(
                request, "stream_deleted", name.Topic, $"Deleted with {deleted.PartitionCount} partition(s), their records and cursors.", AuditSeverity.Warning,
                before: RowOf(deleted, 0));
        }

        return new DeletedView("deleted", deleted?.PartitionCount ?? 0);
    }

    private async Task<StreamEntry> ApplyAsync(QueueName name, StreamDeclaration declaration)
    {
        try
        {
            return await streams.DeclareAsync(name, declaration);
        }
        catch (ArgumentException fault) when (fault is not Channels.Catalogue.ChannelKindException)
        {
            throw new ApiException(ApiErrorCodes.InvalidArgument, fault.Message);
        }
    }

    private StreamEntry Find(QueueName name) => streams.Catalogue.Find(name)
        ?? throw new ApiException(ApiErrorCodes.UnknownStream, $"There is no stream {name.Topic} here.");

    private static StreamRow RowOf(StreamEntry entry, int loaded) => new(
        entry.Name.Topic, entry.PartitionCount, loaded, StreamDeclaration.NameOf(entry.Settings.Tier), RetentionView.Of(entry.Settings.Retention), entry.Settings.ReplicationFactor);

    private static RetentionBounds BoundsOf(long? maxAgeMs, long? maxBytes, long? maxRecords)
    {
        foreach ((string field, long? value) in (ReadOnlySpan<(string, long?)>)[("max_age_ms", maxAgeMs), ("max_bytes", maxBytes), ("max_records", maxRecords)])
        {
            if (value < 0) throw new ApiException(ApiErrorCodes.InvalidArgument, $"{field} cannot be {value}; use 0 or more, or leave it out for no bound.", new FieldProblem(field, "is below 0"));
        }

        return new RetentionBounds(maxAgeMs, maxBytes, maxRecords);
    }

    private static Durability ParseTier(string? name) => name switch
    {
        null or "durable" => Durability.Durable,
        "speculative" => Durability.Speculative,
        "ephemeral" => Durability.Ephemeral,
        _ => throw new ApiException(
            ApiErrorCodes.InvalidDurability, $"'{Sessions.ChannelNames.ForLog(name)}' is no tier; use ephemeral, speculative or durable.", new FieldProblem("durability", "is unknown")),
    };
}
